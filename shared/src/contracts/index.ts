export * from './account';
export * from './agent';
export * from './health';
export * from './json';
export * from './problem';
export * from './run';
export * from './telephony';
export * from './trigger';
