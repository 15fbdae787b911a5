export * from './contracts';
export * from './transport';
