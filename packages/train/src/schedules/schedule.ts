/**
 * A hyperparameter as a pure function of the step, counted from 0. Any function of this form is a schedule; those of this
 * package hold their last value after their last step, so that they can be asked about any step.
 */
export type Schedule = (step: number) => number;

/** Wherever a hyperparameter is taken: a number for the whole training, or a schedule. */
export type ScheduledValue = number | Schedule;
