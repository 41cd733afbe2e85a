export type ErrorKind = 'input' | 'data' | 'environment' | 'internal';
