import { createHash } from 'node:crypto';

/**
 * SHA-256 of the labels that probabilities belong to.
 * @param labels uint8 class indices, [count]
 */
export function labelsChecksum(labels: Uint8Array): string {
  return createHash('sha256').update(labels).digest('hex');
}
