export type { Classifier, Probabilities } from './classifier.js';
