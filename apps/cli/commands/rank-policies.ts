import { Command } from 'commander';
import { print, printJson, table } from '../print.js';

/** `umwelt rank-policies`: says how well a simulator ranks policies. */
export function rankPoliciesCommand(): Command {
  return new Command('rank-policies')
    .description("say how well a simulator's ranking of policies agrees with reality's: MMRV and Pearson")
    .argument(
      '<file>',
      'JSON: [{"policy": "a", "sim": 0.6, "real": 0.5}, ...], success in simulation and in reality',
    )
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt rank-policies policies.json')
    .action(async (file: string, { json }: { json: boolean }) => {
      const { describePolicyRanking, rankPolicies, readPolicies } = await import(
        '../../../evaluation/policy-ranking.js'
      );
      const { formatEstimate, formatNumber } = await import('../../../evaluation/report/format.js');
      const ranking = rankPolicies(await readPolicies(file));
      if (json) return printJson(describePolicyRanking(ranking));
      const { policies, mmrv, pearson } = ranking;
      print(
        table(
          ['policy', 'in reality', 'rank', 'in simulation', 'rank'],
          policies.map(({ policy, real, realRank, sim, simRank }) => [
            policy,
            formatNumber(real),
            `${realRank}`,
            formatNumber(sim),
            `${simRank}`,
          ]),
        ),
      );
      print(`\nmean maximum rank violation: ${formatNumber(mmrv.value)} (0 where both rank alike)`);
      print(`Pearson's correlation:       ${formatEstimate(pearson)}${few(pearson.n)}`);
    });
}

function few(n: number): string {
  if (n < 4) return ` (${n} policies: too few for an interval)`;
  return n < 10 ? ` (95 % interval; ${n} policies are few)` : ` (95 % interval over ${n} policies)`;
}
