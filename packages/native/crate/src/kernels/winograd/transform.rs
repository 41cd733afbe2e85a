//! The two-dimensional transforms of maps, sixteen channels at a time. Transformed maps are [point][channel / 16][tile][16].

use super::STAGGER;
use super::tile::{self, F4, Tile};
use crate::kernels::Geometry;
use crate::simd::{Element, LANES, Simd};

fn check<F: Tile>(g: Geometry, tiles: &[u32], channels: usize, map: usize, transformed: usize) {
    assert_eq!(channels % LANES, 0);
    assert!(transformed >= F::POINTS * F::POINTS * (tiles.len() * channels + STAGGER));
    // The halo of a tile ends in the row below it: within the map when its last pixel is.
    let reach = g.margin() + F::OUTPUTS * (g.row + 1) + 1;
    assert!(tiles.iter().all(|&tile| (tile as usize + reach) * channels <= map));
}

kernel! {
    /// v = B^T d B of the pixels around every tile
    pub fn input<'a, S, T: Element, F: Tile>(s, g: Geometry, tiles: &'a [u32], channels: usize, h: &'a [T], v: &'a mut [f32]) {
        check::<F>(g, tiles, channels, h.len(), v.len());
        let slice = tiles.len() * channels + STAGGER;
        for (t, &pixel) in tiles.iter().enumerate() {
            let corner = (g.margin() + pixel as usize - g.row - 1) * channels;
            for k in (0..channels).step_by(LANES) {
                // SAFETY: `check` saw that the tile and its halo are inside the map and the slices inside `v`.
                unsafe {
                    let from = h.as_ptr().add(corner + k);
                    let to = v.as_mut_ptr().add(k * tiles.len() + t * LANES);
                    let mut half = [[s.zero(); 6]; 6];
                    for x in 0..F::POINTS {
                        let mut d = [s.zero(); 6];
                        for (y, d) in d.iter_mut().enumerate().take(F::POINTS) {
                            *d = T::load(s, from.add((y * g.row + x) * channels));
                        }
                        let d = F::input(s, d);
                        for y in 0..F::POINTS {
                            half[y][x] = d[y];
                        }
                    }
                    for (y, row) in half.into_iter().enumerate().take(F::POINTS) {
                        for (x, value) in F::input(s, row).into_iter().enumerate().take(F::POINTS) {
                            s.store(to.add((y * F::POINTS + x) * slice), value);
                        }
                    }
                }
            }
        }
    }
}

kernel! {
    /// z = A^T m A on the pixels of every tile
    pub fn output<'a, S, F: Tile>(s, g: Geometry, tiles: &'a [u32], channels: usize, m: &'a [f32], z: &'a mut [f32]) {
        check::<F>(g, tiles, channels, z.len(), m.len());
        let slice = tiles.len() * channels + STAGGER;
        for (t, &pixel) in tiles.iter().enumerate() {
            let corner = (g.margin() + pixel as usize) * channels;
            for k in (0..channels).step_by(LANES) {
                // SAFETY: `check` saw that the tile is inside the map and the slices inside `m`.
                unsafe {
                    let from = m.as_ptr().add(k * tiles.len() + t * LANES);
                    let to = z.as_mut_ptr().add(corner + k);
                    let mut half = [[s.zero(); 6]; 4];
                    for x in 0..F::POINTS {
                        let mut d = [s.zero(); 6];
                        for (y, d) in d.iter_mut().enumerate().take(F::POINTS) {
                            *d = s.load(from.add((y * F::POINTS + x) * slice));
                        }
                        let d = F::output(s, d);
                        for y in 0..F::OUTPUTS {
                            half[y][x] = d[y];
                        }
                    }
                    for (y, row) in half.into_iter().enumerate().take(F::OUTPUTS) {
                        for (x, value) in F::output(s, row).into_iter().enumerate().take(F::OUTPUTS) {
                            s.store(to.add((y * g.row + x) * channels), value);
                        }
                    }
                }
            }
        }
    }
}

kernel! {
    /// m = A dz A^T of the 4x4 pixels of every tile
    pub fn output_adjoint<'a, S, T: Element>(s, g: Geometry, tiles: &'a [u32], channels: usize, dz: &'a [T], m: &'a mut [f32]) {
        check::<F4>(g, tiles, channels, dz.len(), m.len());
        let slice = tiles.len() * channels + STAGGER;
        for (t, &pixel) in tiles.iter().enumerate() {
            let corner = (g.margin() + pixel as usize) * channels;
            for k in (0..channels).step_by(LANES) {
                // SAFETY: `check` saw that the tile is inside the map and the slices inside `m`.
                unsafe {
                    let from = dz.as_ptr().add(corner + k);
                    let to = m.as_mut_ptr().add(k * tiles.len() + t * LANES);
                    let mut half = [[s.zero(); 4]; 6];
                    for x in 0..4 {
                        let mut d = [s.zero(); 4];
                        for (y, d) in d.iter_mut().enumerate() {
                            *d = T::load(s, from.add((y * g.row + x) * channels));
                        }
                        let d = tile::output_adjoint(s, d);
                        for y in 0..6 {
                            half[y][x] = d[y];
                        }
                    }
                    for (y, row) in half.into_iter().enumerate() {
                        for (x, value) in tile::output_adjoint(s, row).into_iter().enumerate() {
                            s.store(to.add((y * 6 + x) * slice), value);
                        }
                    }
                }
            }
        }
    }
}

kernel! {
    /// z += B v B^T on the 6x6 pixels around every tile
    pub fn input_adjoint<'a, S>(s, g: Geometry, tiles: &'a [u32], channels: usize, v: &'a [f32], z: &'a mut [f32]) {
        check::<F4>(g, tiles, channels, z.len(), v.len());
        let slice = tiles.len() * channels + STAGGER;
        for (t, &pixel) in tiles.iter().enumerate() {
            let corner = (g.margin() + pixel as usize - g.row - 1) * channels;
            for k in (0..channels).step_by(LANES) {
                // SAFETY: `check` saw that the tile and its halo are inside the map and the slices inside `v`.
                unsafe {
                    let from = v.as_ptr().add(k * tiles.len() + t * LANES);
                    let to = z.as_mut_ptr().add(corner + k);
                    let mut half = [[s.zero(); 6]; 6];
                    for x in 0..6 {
                        let mut d = [s.zero(); 6];
                        for (y, d) in d.iter_mut().enumerate() {
                            *d = s.load(from.add((y * 6 + x) * slice));
                        }
                        let d = tile::input_adjoint(s, d);
                        for y in 0..6 {
                            half[y][x] = d[y];
                        }
                    }
                    for (y, row) in half.into_iter().enumerate() {
                        for (x, value) in tile::input_adjoint(s, row).into_iter().enumerate() {
                            let pixel = to.add((y * g.row + x) * channels);
                            s.store(pixel, s.add(s.load(pixel), value));
                        }
                    }
                }
            }
        }
    }
}
