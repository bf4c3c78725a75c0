import { Command } from 'commander';
import { listScenarios } from '../../../scenarios/library.js';
import { print, printJson, table } from '../print.js';

/** `umwelt scenarios`: lists the presets. */
export function scenariosCommand(): Command {
  return new Command('scenarios')
    .description('list the scenario presets')
    .option('--json', 'print one JSON array', false)
    .addHelpText('after', '\nExample:\n  $ umwelt scenarios')
    .action((options: { readonly json: boolean }) => {
      const presets = listScenarios().map(({ name, description }) => ({ name, description }));
      if (options.json) printJson(presets);
      else
        print(
          table(
            ['scenario', 'what happens'],
            presets.map(({ name, description }) => [name, description]),
          ),
        );
    });
}
