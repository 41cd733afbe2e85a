//! Sliding windows over images, channels last.

use crate::spec::Window;
use std::ops::Range;

/// A window over images of one size.
pub struct Sliding {
    pub window: Window,
    /// [height, width, channels]
    pub input: [usize; 3],
    pub output: [usize; 3],
}

impl Sliding {
    pub fn new(window: &Window, input: &[usize], output: &[usize]) -> Sliding {
        Sliding { window: window.clone(), input: shape(input), output: shape(output) }
    }

    /// One window that covers the image.
    pub fn global(input: &[usize]) -> Sliding {
        let [height, width, channels] = shape(input);
        let kernel = [height, width];
        let window = Window { kernel, strides: kernel, dilations: [1, 1], before: [0, 0] };
        Sliding { window, input: [height, width, channels], output: [1, 1, channels] }
    }

    pub fn input_size(&self) -> usize {
        self.input.iter().product()
    }

    pub fn output_size(&self) -> usize {
        self.output.iter().product()
    }

    pub fn places(&self) -> usize {
        self.window.kernel[0] * self.window.kernel[1]
    }

    pub fn pixels(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// The window is a single pixel: output pixel i reads input pixel i.
    pub fn is_pointwise(&self) -> bool {
        self.window.kernel == [1, 1] && self.input[..2] == self.output[..2] && self.window.strides == [1, 1]
    }

    /// Row or column of the image under place `place` of the window of output `index`; `None` on padding.
    fn under(&self, axis: usize, index: usize, place: usize) -> Option<usize> {
        let position = index * self.window.strides[axis] + place * self.window.dilations[axis];
        position.checked_sub(self.window.before[axis]).filter(|&at| at < self.input[axis])
    }

    /// Calls `visit` with each place of the window of output pixel `pixel` that lies inside the image, in order, and
    /// with the pixel under it.
    #[inline(always)]
    pub fn visit(&self, pixel: usize, mut visit: impl FnMut(usize, usize)) {
        let (row, column) = (pixel / self.output[1], pixel % self.output[1]);
        for i in 0..self.window.kernel[0] {
            let Some(y) = self.under(0, row, i) else { continue };
            for j in 0..self.window.kernel[1] {
                let Some(x) = self.under(1, column, j) else { continue };
                visit(i * self.window.kernel[1] + j, y * self.input[1] + x);
            }
        }
    }

    /// Cuts the output pixels of an image into ranges whose windows, laid out as rows, fit the second-level cache.
    pub fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        const FLOATS: usize = 32 * 1024;
        let row = (self.places() * self.input[2]).max(1);
        let length = (FLOATS / row).next_multiple_of(12).max(12);
        let pixels = self.pixels();
        (0..pixels).step_by(length).map(move |start| start..pixels.min(start + length))
    }

    /// The windows of some output pixels as rows: [pixels][places][channels], zeros on padding.
    pub fn gather(&self, image: &[f32], pixels: Range<usize>, rows: &mut Vec<f32>) {
        let channels = self.input[2];
        rows.clear();
        for pixel in pixels {
            let (row, column) = (pixel / self.output[1], pixel % self.output[1]);
            for i in 0..self.window.kernel[0] {
                let y = self.under(0, row, i);
                for j in 0..self.window.kernel[1] {
                    match y.zip(self.under(1, column, j)) {
                        Some((y, x)) => {
                            rows.extend_from_slice(&image[(y * self.input[1] + x) * channels..][..channels]);
                        }
                        None => rows.resize(rows.len() + channels, 0.0),
                    }
                }
            }
        }
    }

    /// The adjoint of `gather`: adds the rows to the pixels that they came from.
    pub fn scatter(&self, rows: &[f32], pixels: Range<usize>, image: &mut [f32]) {
        let channels = self.input[2];
        for (pixel, row) in pixels.zip(rows.chunks_exact(self.places() * channels)) {
            self.visit(pixel, |place, at| {
                add(&mut image[at * channels..][..channels], &row[place * channels..][..channels])
            });
        }
    }
}

pub fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// Adds the sum of all rows.
pub fn add_rows(to: &mut [f32], rows: &[f32]) {
    for row in rows.chunks_exact(to.len()) {
        add(to, row);
    }
}

fn shape(shape: &[usize]) -> [usize; 3] {
    shape.try_into().expect("Spec::parse checks that images have three axes")
}
