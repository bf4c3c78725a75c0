const upstream = {
  scenarios: [],
  sim: ['scenarios'],
  sensors: ['scenarios', 'sim'],
  datasets: ['scenarios', 'sim', 'sensors'],
  worldmodel: ['datasets'],
  evaluation: ['scenarios', 'sim', 'datasets', 'worldmodel'],
};
const stages = Object.keys(upstream);

/** A stage sees core/, itself, and the public faces (contract.ts, specification.ts) of the stages upstream of it. */
const stageRules = stages.map((stage) => {
  const others = [...stages.filter((name) => name !== stage), 'apps', 'bench'];
  const faces = upstream[stage].map((name) => `^${name}/.*(?:contract|specification)[.]ts$`);
  return {
    name: `${stage}-looks-upstream-only`,
    comment: 'Import core/ or a contract.ts / specification.ts upstream; pass anything else in as an argument.',
    severity: 'error',
    from: { path: `^${stage}/` },
    to: {
      path: `^(?:${others.join('|')})/`,
      pathNot: [
        ...faces,
        '^sensors/.*specification[.]ts$',
        ...(stage === 'worldmodel' || stage === 'evaluation' ? ['^datasets/(?:files|lock)[.]ts$', '^datasets/arrow/table[.]ts$'] : []),
        // Drivers are pure functions without an engine: evaluation fits them to recorded traffic.
        ...(stage === 'evaluation' ? ['^sim/agents/'] : []),
      ],
    },
  };
});

/** Only the named place may import the package. */
const ownedPackages = {
  '@dimforge/': '^(?:sim/|bench/)',
  'apache-arrow': '^datasets/arrow/',
  'onnxruntime': '^(?:worldmodel/engine/|bench/)',
  commander: '^apps/cli/',
  piscina: '^apps/workers/',
  vega: '^evaluation/report/',
  'gpu[.]js': '^sensors/kernels/',
};
const packageRules = Object.entries(ownedPackages).map(([name, owner]) => ({
  name: `one-importer-of-${name.replace(/\W/g, '')}`,
  severity: 'error',
  from: { pathNot: owner },
  to: { path: `node_modules/${name}` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'core-is-a-leaf', severity: 'error', from: { path: '^core/' }, to: { path: `^(?:${stages.join('|')}|apps|bench)/` } },
    { name: 'nothing-imports-apps', severity: 'error', from: { pathNot: '^(?:apps|bench)/' }, to: { path: '^(?:apps|bench)/' } },
    { name: 'no-unlisted-packages', severity: 'error', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'unknown', 'undetermined'] } },
    { name: 'no-dev-packages', severity: 'error', from: { pathNot: '^bench/' }, to: { dependencyTypes: ['npm-dev'] } },
    ...stageRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
    extraExtensionsToScan: [],
  },
};
