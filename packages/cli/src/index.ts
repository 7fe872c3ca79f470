/** The `lovage` command. Programs that want to be it can call `runCommand`. */
export { cliErrors } from './errors/cli-errors.js';
export { exitStatus } from './exit-status.js';
export { type CommandLine, main, runCommand } from './main.js';
