#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { UMWELT_VERSION } from '../version.js';
import { calibrateCommand } from './commands/calibrate.js';
import { contactSheetCommand } from './commands/contact-sheet.js';
import { evaluateCommand } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { generateCommand } from './commands/generate.js';
import { inspectCommand } from './commands/inspect.js';
import { leaderboardCommand } from './commands/leaderboard.js';
import { quickstartCommand } from './commands/quickstart.js';
import { rankPoliciesCommand } from './commands/rank-policies.js';
import { recordingsCommand } from './commands/recordings.js';
import { renderCommand } from './commands/render.js';
import { rolloutCommand } from './commands/rollout.js';
import { scenariosCommand } from './commands/scenarios.js';
import { trainCommand } from './commands/train.js';
import { EXIT_SUCCESS, EXIT_USAGE, exitStatus, reportError } from './exit.js';

function createProgram(): Command {
  const program = new Command('umwelt')
    .description(
      'Simulate a world, sense it, learn it, and measure how far the learned world drifts from the real one.',
    )
    .version(UMWELT_VERSION)
    .option('--verbose', 'print the stack of an error')
    .showHelpAfterError('(add --help for the options and an example)')
    .addHelpText('after', '\nExample:\n  $ umwelt quickstart');
  const commands = [
    scenariosCommand(),
    generateCommand(),
    inspectCommand(),
    renderCommand(),
    contactSheetCommand(),
    trainCommand(),
    exportCommand(),
    rolloutCommand(),
    calibrateCommand(),
    evaluateCommand(),
    leaderboardCommand(),
    rankPoliciesCommand(),
    recordingsCommand(),
    quickstartCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  // Before the commands copy it: errors are thrown, so that main decides the exit status.
  program.exitOverride();
  const inherit = (parent: Command): void => {
    for (const command of parent.commands) {
      command.copyInheritedSettings(parent);
      inherit(command);
    }
  };
  inherit(program);
  return program;
}

async function main(): Promise<number> {
  const wantsJson = process.argv.includes('--json');
  const verbose = process.argv.includes('--verbose');
  try {
    await createProgram().parseAsync();
    return EXIT_SUCCESS;
  } catch (thrown) {
    // Commander has already printed its message, or the help that was asked for.
    if (thrown instanceof CommanderError || thrown instanceof InvalidArgumentError) {
      return thrown.exitCode === 0 ? EXIT_SUCCESS : EXIT_USAGE;
    }
    reportError(thrown, { json: wantsJson, verbose });
    return exitStatus(thrown);
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has gone (`umwelt ... | head`): nothing is left to say.
  if (error.code === 'EPIPE') process.exit(EXIT_SUCCESS);
  throw error;
});

process.exitCode = await main();
