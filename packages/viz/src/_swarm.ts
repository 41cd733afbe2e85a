/**
 * Offsets across the axis that keep dots of one diameter from overlapping, as near to the axis as possible: the greedy
 * placement of d3's beeswarm examples, in order of position, alternating sides.
 *
 * @param places along the axis, in the same unit as `diameter`
 */
export function swarmOffsets(places: readonly number[], diameter: number): number[] {
  const offsets = new Array<number>(places.length).fill(0);
  const order = places.map((_, index) => index).sort((a, b) => places[a]! - places[b]! || a - b);
  const done: number[] = [];
  for (const index of order) {
    const near = done.filter((other) => Math.abs(places[other]! - places[index]!) < diameter);
    // Touching a neighbour exactly is the only way to be nearer to the axis than any other free place.
    const candidates = [0];
    for (const other of near) {
      const along = places[other]! - places[index]!;
      const across = Math.sqrt(diameter ** 2 - along ** 2);
      candidates.push(offsets[other]! + across, offsets[other]! - across);
    }
    candidates.sort((a, b) => Math.abs(a) - Math.abs(b) || b - a);
    offsets[index] = candidates.find((offset) =>
      near.every(
        (other) => Math.hypot(places[other]! - places[index]!, offsets[other]! - offset) > diameter - 1e-6,
      ),
    )!;
    done.push(index);
  }
  return offsets;
}
