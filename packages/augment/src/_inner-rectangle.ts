/**
 * Side of the largest rectangle of the same shape that fits into a [height, width] rectangle turned by `radians`,
 * over the side of the untouched one. 1 / (cos + sin) for a square.
 */
export function innerRectangleScale(height: number, width: number, radians: number): number {
  const cos = Math.abs(Math.cos(radians));
  const sin = Math.abs(Math.sin(radians));
  return Math.min(width / (width * cos + height * sin), height / (height * cos + width * sin));
}
