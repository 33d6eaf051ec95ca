/** What the pages of the configuration share. */
export { Guard } from './Guard.tsx';
export { LocalTable } from './LocalTable.tsx';
export { roleOptions, rolesWithin, ROLE_TEXTS } from './roles.ts';
export { ScopeCell } from './ScopeCell.tsx';
export { ScopeField } from './ScopeField.tsx';
export { Segmented } from './Segmented.tsx';
