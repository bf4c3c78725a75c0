import { Command } from 'commander';
import { print, printJson } from '../print.js';

/** `umwelt leaderboard`: ranks the methods of several reports. */
export function leaderboardCommand(): Command {
  return new Command('leaderboard')
    .description('rank the methods of reports on the same recordings and protocol; refuses to mix protocols')
    .argument('<dir...>', 'folders of reports that `umwelt evaluate` wrote')
    .option('--metric <name>', 'what to rank by, the first metric of the reports by default')
    .option('-o, --out <file>', 'also write the ranking: .html, .md or .json')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ umwelt leaderboard reports/a reports/b --metric rotation_deg --out leaderboard.html',
    )
    .action(async (directories: string[], options: { metric?: string; out?: string; json: boolean }) => {
      const { makeLeaderboard } = await import('../../leaderboard.js');
      const { describeLeaderboard, leaderboardTitle } = await import(
        '../../../evaluation/leaderboard/write.js'
      );
      const { leaderboardTable } = await import('../leaderboard-table.js');
      const board = await makeLeaderboard(directories, options);
      if (options.json) {
        printJson(describeLeaderboard(board));
        return;
      }
      print(leaderboardTitle(board));
      print();
      print(leaderboardTable(board));
      if (options.out !== undefined) print(`\nleaderboard: ${options.out}`);
    });
}
