import { inkScenes } from './ink-scenes.js';
import type { Scene } from './painting.js';
import { paperScenes } from './paper-scenes.js';
import { photoScenes } from './photo-scenes.js';

/** All scenes. A scene's digits and wander depend on its place here: new ones come last. */
export const scenes: readonly Scene[] = [...paperScenes, ...inkScenes, ...photoScenes];
