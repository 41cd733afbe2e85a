// The house has floors, and imports point downwards only. ARCHITECTURE.md draws the same picture.
const floors = {
  kit: [],
  dataset: ['kit'],
  augment: ['kit', 'dataset'],
  models: ['kit'],
  pretrained: ['kit'],
  engine: ['kit'],
  tfjs: ['kit', 'engine'],
  onnx: ['kit', 'engine'],
  native: ['kit', 'engine'],
  train: ['kit', 'engine', 'dataset'],
  ensemble: ['kit', 'dataset'],
  viz: ['kit'],
  handwriting: ['kit'],
  population: ['kit'],
};
const typesOnly = {
  augment: ['dataset'],
  train: ['dataset'],
  ensemble: ['dataset'],
};

const floorRules = Object.entries(floors).flatMap(([name, allowed]) => [
  {
    name: `${name}-imports-only-what-lies-below`,
    severity: 'error',
    from: { path: `^packages/${name}/src/` },
    to: { path: `^(packages|examples)/`, pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
  },
  ...(typesOnly[name] ?? []).map((lower) => ({
    name: `${name}-takes-only-types-of-${lower}`,
    severity: 'error',
    from: { path: `^packages/${name}/src/` },
    to: { path: `^packages/${lower}/`, dependencyTypesNot: ['type-only'] },
  })),
]);

export default {
  forbidden: [
    ...floorRules,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'packages-never-import-examples',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^examples/' },
    },
    {
      name: 'no-deep-imports-between-packages',
      severity: 'error',
      from: { path: '^(?:packages|examples)/([^/]+)/' },
      to: { path: '^packages/([^/]+)/src/', pathNot: '^packages/$1/' },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/dist/.*\\.(c?js|map)$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};
