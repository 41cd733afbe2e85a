import { optionChecks } from '@mnist/kit';
import { TrainError } from './train-error.js';

/** What fails is a TrainError `INVALID_OPTION`. */
export const check = optionChecks((message) => new TrainError('INVALID_OPTION', message));
