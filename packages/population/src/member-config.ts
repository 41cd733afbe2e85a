import type { RecipeIdentity } from './load-recipe.js';
import type { JsonValue } from './recipe.js';

/** config.json of a net. */
export interface MemberConfig {
  readonly index: number;
  /** uint32: what `memberSeed` gives. */
  readonly seed: number;
  readonly recipe: RecipeIdentity;
  readonly config: JsonValue;
}
