//! exp and ln from additions and multiplications alone, so that no result depends on the platform's library.

use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

/// e^x to about 1e-16 relative; 0 below -700, x = NaN gives NaN. Not for x above 700.
pub fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    let k = (x * LOG2_E).round();
    let r = x - k * LN_2;
    let series = (1..=14).rev().fold(1.0, |sum, i| 1.0 + sum * r / i as f64);
    series * f64::from_bits(((k as i64 + 1023) as u64) << 52)
}

/// Natural logarithm of a positive, normal x to about 1e-15.
pub fn ln(x: f64) -> f64 {
    if !(x > 0.0 && x.is_finite()) {
        return f64::NAN;
    }
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    if mantissa > SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let z2 = z * z;
    let series = (0..=12).rev().fold(0.0, |sum, i| sum * z2 + 1.0 / (2 * i + 1) as f64);
    exponent as f64 * LN_2 + 2.0 * z * series
}

/// base^exponent by squaring.
pub fn power(base: f64, exponent: u64) -> f64 {
    let (mut result, mut square, mut left) = (1.0, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        square *= square;
        left >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_library() {
        for i in -5000..=5000 {
            let x = i as f64 * 0.137;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-13, "exp({x})");
            let y = x.exp();
            assert!((ln(y) - y.ln()).abs() < 1e-13 * (1.0 + x.abs()), "ln({y})");
        }
        assert_eq!(exp(-1e9), 0.0);
        assert!(exp(f64::NAN).is_nan() && ln(f64::NAN).is_nan());
        assert!((power(0.99, 1234) / 0.99f64.powi(1234) - 1.0).abs() < 1e-12);
        assert_eq!(power(0.0, 3), 0.0);
    }
}
