/// A map with a shared halo: pixel (image, y, x) lies at `image * image_pixels + y * row + x`. The zero columns at the
/// end of a row are the right halo of the row and the left halo of the next, the zero rows at the end of an image the
/// lower halo of the image and the upper one of the next, so that a tap of the kernel is one flat offset of pixels.
/// Height and width are rounded up to whole tiles, so that no tile reaches into another image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub height: usize,
    pub width: usize,
    /// pixels from a row to the next
    pub row: usize,
    /// pixels from an image to the next
    pub image: usize,
}

impl Geometry {
    pub fn new(height: usize, width: usize, tile: usize) -> Self {
        let row = width.next_multiple_of(tile) + 1;
        Geometry { height, width, row, image: (height.next_multiple_of(tile) + 1) * row }
    }

    /// Zero pixels before the first image (and after the last): the halo of its first row, rounded for alignment.
    pub fn margin(&self) -> usize {
        (self.row + 1).next_multiple_of(32)
    }

    /// Pixels of a padded map of `images` images with both margins.
    pub fn padded(&self, images: usize) -> usize {
        (images * self.image).next_multiple_of(32) + 2 * self.margin()
    }

    /// Pixels of a dense map.
    pub fn dense(&self, images: usize) -> usize {
        images * self.height * self.width
    }
}
