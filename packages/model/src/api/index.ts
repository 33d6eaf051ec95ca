export * from './access.ts';
export * from './common.ts';
export * from './details.ts';
export * from './route.ts';
export { ROUTES, type RouteName } from './routes.ts';
export * from './search.ts';
export * from './sensors.ts';
export * from './workspace.ts';
