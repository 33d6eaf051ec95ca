import type { KnownProgram } from './program.ts';

/** Interpreter, compiler and library carry the copyright line: `Lua 5.4.4  Copyright (C) …`. */
export const lua: KnownProgram = {
  name: 'lua',
  basenames: ['lua', 'luac', /^luac?-?5\.?\d$/, /^liblua(?:-?5\.?\d)?(?:-c\+\+)?\.so(?:\.[\d.]+)?$/],
  version: (file) => file.find('Lua 5.', /^Lua (5\.\d\.\d{1,2}) {1,2}Copyright/),
};
