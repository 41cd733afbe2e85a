import { PopulationError } from './population-error.js';
import type { Recipe } from './recipe.js';

/** What names a recipe in a manifest and on a queue. */
export interface RecipeIdentity {
  readonly name: string;
  readonly version: string;
}

/**
 * Imports a recipe module and checks that it exports a recipe.
 *
 * @param url `file:` URL of an ES module that exports `recipe`
 * @throws PopulationError `INVALID_RECIPE`
 */
export async function loadRecipe(url: URL | string): Promise<Recipe> {
  const href = recipeHref(url);
  let module: { recipe?: unknown };
  try {
    module = await import(href);
  } catch (cause) {
    throw new PopulationError(
      'INVALID_RECIPE',
      `The recipe module ${href} cannot be imported: ${(cause as Error)?.message ?? cause}. ` +
        'Give the file: URL of an ES module that Node can run as it is (JavaScript).',
      { cause },
    );
  }
  const recipe = module.recipe as Partial<Recipe> | undefined;
  if (recipe === null || typeof recipe !== 'object') {
    throw new PopulationError(
      'INVALID_RECIPE',
      `The recipe module ${href} exports ${Object.keys(module).join(', ') || 'nothing'}; ` +
        'it must export `recipe`: { name, version, train }.',
    );
  }
  for (const key of ['name', 'version'] as const) {
    if (typeof recipe[key] !== 'string' || recipe[key] === '') {
      throw new PopulationError(
        'INVALID_RECIPE',
        `The recipe of ${href} has ${key} ${JSON.stringify(recipe[key])}; it must be a non-empty string.`,
      );
    }
  }
  if (typeof recipe.train !== 'function') {
    throw new PopulationError(
      'INVALID_RECIPE',
      `The recipe of ${href} has no function \`train(context)\`; it has ${typeof recipe.train}.`,
    );
  }
  return recipe as Recipe;
}

/**
 * Checks the form of a recipe's URL without importing it. Files only: a `data:` or `http:` URL would run code that came
 * with an option, or over the network, in every worker.
 */
export function recipeHref(url: URL | string): string {
  const href = url instanceof URL ? url.href : url;
  if (typeof href === 'string' && URL.canParse(href) && new URL(href).protocol === 'file:') return href;
  const shown =
    typeof href === 'string'
      ? JSON.stringify(href.length > 80 ? `${href.slice(0, 80)}...` : href)
      : typeof href;
  throw new PopulationError(
    'INVALID_OPTION',
    `recipe is ${shown}; expected the file: URL of an ES module, such as new URL('./recipe.js', import.meta.url).`,
  );
}
