use super::check::{TOLERANCE, difference, difference_of};
use super::*;
use crate::noise::noise;

/// Odd sizes, one pixel, several blocks of channels, several chunks of pixels, a group of one image and of many.
#[test]
fn convolutions_equal_winograd() {
    let sizes = [
        (1, 1, 1, 32, 32),
        (4, 4, 7, 32, 64),
        (7, 7, 6, 64, 32),
        (5, 9, 2, 32, 96),
        (14, 14, 2, 64, 64),
        (28, 28, 1, 32, 32),
        (8, 6, 1, 288, 32),
        (3, 1, 5, 96, 160),
    ];
    for (height, width, images, inputs, outputs) in sizes {
        for_each_backend!(|s| {
            let worst = difference_of::<_, EmulatedTiles>(s, height, width, images, inputs, outputs);
            assert!(worst <= TOLERANCE, "{height} x {width}, {images} of {inputs} to {outputs}: {worst:e}");
        });
    }
}

#[test]
fn the_first_check_passes() {
    for_each_backend!(|s| assert!(difference::<_, EmulatedTiles>(s) <= TOLERANCE));
}

/// The sums that the registers hold after one product.
fn product<U: Tiles>(sums: &[f32], a: &[Bf16], b: &[Bf16]) -> Vec<f32> {
    let mut out = vec![f32::NAN; 256];
    let mut tiles = U::start();
    // SAFETY: each has sixteen rows of 64 bytes.
    unsafe {
        tiles.load::<3>(sums.as_ptr().cast(), 64);
        tiles.load::<5>(a.as_ptr().cast(), 64);
        tiles.load::<6>(b.as_ptr().cast(), 64);
        tiles.multiply::<3, 5, 6>();
        tiles.store::<3>(out.as_mut_ptr().cast(), 64);
    }
    out
}

fn bf16s(values: impl IntoIterator<Item = f32>) -> Vec<Bf16> {
    values.into_iter().map(Bf16::from_f32).collect()
}

/// Against sums in float64, which are exact here: 16 bits times 16 bits, few and of one size.
#[test]
fn the_emulation_multiplies_matrices() {
    let round = |x: f32| (x * 64.0).round() / 64.0;
    let (a, b) = (bf16s(noise(1, 512).into_iter().map(round)), bf16s(noise(2, 512).into_iter().map(round)));
    let sums: Vec<f32> = noise(3, 256).into_iter().map(round).collect();
    let got = product::<EmulatedTiles>(&sums, &a, &b);
    for row in 0..16 {
        for column in 0..16 {
            let want = (0..32).map(|k| {
                a[row * 32 + k].to_f32() as f64 * b[k / 2 * 32 + 2 * column + k % 2].to_f32() as f64
            });
            let want = want.sum::<f64>() + sums[row * 16 + column] as f64;
            assert_eq!(got[row * 16 + column] as f64, want);
        }
    }
}

/// One product at a time: denormals in and out are zero, sums round to nearest even, even and odd products apart.
#[test]
fn the_emulation_rounds_as_the_manual_says() {
    let one = |sum: f32, pairs: &[(f32, f32)]| {
        let (mut a, mut b) = (vec![Bf16::default(); 512], vec![Bf16::default(); 512]);
        for (k, &(x, y)) in pairs.iter().enumerate() {
            a[k] = Bf16((x.to_bits() >> 16) as u16);
            b[k / 2 * 32 + k % 2] = Bf16((y.to_bits() >> 16) as u16);
        }
        let mut sums = vec![0.0; 256];
        sums[0] = sum;
        product::<EmulatedTiles>(&sums, &a, &b)[0]
    };
    let denormal = f32::MIN_POSITIVE / 2.0;
    assert_eq!(one(0.0, &[(denormal, 2f32.powi(100))]), 0.0);
    assert_eq!(one(denormal, &[(0.0, 0.0)]), 0.0);
    assert_eq!(one(0.0, &[(2f32.powi(-70), 2f32.powi(-60))]), 0.0);
    // A denormal sum of two normal products.
    assert_eq!(one(0.0, &[(f32::MIN_POSITIVE, 1.5), (0.0, 0.0), (-f32::MIN_POSITIVE, 1.0)]), 0.0);
    // A tie goes to the even neighbour.
    let (step, half) = (2f32.powi(-23), 2f32.powi(-24));
    assert_eq!(one(0.0, &[(1.0, 1.0), (0.0, 0.0), (half, 1.0)]), 1.0);
    assert_eq!(one(1.0 + step, &[(half, 1.0)]), 1.0 + 2.0 * step);
    // In one sum both halves of the step would be lost; apart, they add up first.
    assert_eq!(one(1.0, &[(half, 1.0), (half, 1.0)]), 1.0 + step);
    assert_eq!(one(0.0, &[(1.0, 1.0), (half, 1.0), (0.0, 0.0), (half, 1.0)]), 1.0 + step);
    assert!(one(0.0, &[(f32::INFINITY, 0.0)]).is_nan());
}

/// On a processor with AMX: the registers hold the same bits as the emulation.
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn the_emulation_is_what_the_processor_computes() {
    if let Some(reason) = obstacle() {
        println!("skipped: {reason}");
        return;
    }
    for seed in 0..20 {
        // Of all sizes, from denormals to large numbers.
        let spread = |seed, length| {
            let exponents = noise(seed + 1000, length);
            let values = noise(seed, length).into_iter().zip(exponents);
            values.map(|(x, e)| x * (2f32).powf(e * 70.0)).collect::<Vec<f32>>()
        };
        let (a, b) = (bf16s(spread(3 * seed, 512)), bf16s(spread(3 * seed + 1, 512)));
        let sums = spread(3 * seed + 2, 256);
        let bits = |sums: Vec<f32>| sums.into_iter().map(f32::to_bits).collect::<Vec<u32>>();
        assert_eq!(bits(product::<AmxTiles>(&sums, &a, &b)), bits(product::<EmulatedTiles>(&sums, &a, &b)));
    }
}
