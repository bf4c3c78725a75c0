import type { ValueDescription } from '../engine/session.js';
import { isSensed, MODEL_SIZES, type ModelConfiguration } from '../model/configuration.js';
import type { ModelManifest } from '../model-folder.js';
import { HORIZONS } from '../spread.js';
import { meaningOfChannel, meaningOfValue } from './meaning.js';
import { pythonSnippet, webSnippet } from './snippets.js';

/** One exported network: `encoder`, `dynamics` or `decoder`. */
export interface ExportedGraph {
  readonly name: string;
  /** Path inside the export. */
  readonly file: string;
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
}

/** What a card says beside the model's manifest. */
export interface CardFacts {
  readonly name: string;
  readonly graphs: readonly ExportedGraph[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/**
 * Writes a model's card: what it is, takes and gives, where it comes from, how well it does, what it cannot do and how to
 * load it, as Markdown with the YAML front matter of Hugging Face's model cards.
 */
export function modelCard(manifest: ModelManifest, facts: CardFacts): string {
  const sections = [
    frontMatter(),
    ...introduction(manifest, facts),
    ...senses(manifest.configuration),
    ...graphTables(facts.graphs, manifest.configuration),
    ...training(manifest),
    ...metrics(manifest),
    ...calibration(manifest),
    ...limits(manifest),
    ...loading(manifest.configuration, facts.graphs),
    '## Licence',
    'None stated. Ask whoever trained the model, and mind the terms of the data that it was trained on.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function frontMatter(): string {
  const tags = ['world-model', 'umwelt', 'onnx', 'safetensors'];
  return [
    '---',
    'library_name: umwelt',
    'pipeline_tag: robotics',
    'license: unknown',
    'tags:',
    ...tags.map((tag) => `  - ${tag}`),
    '---',
  ].join('\n');
}

function introduction({ configuration }: ModelManifest, { name, shapes, graphs }: CardFacts): string[] {
  const { size, core, ensemble, tickHz, bodies, symmetry, channels, action } = configuration;
  const widths = MODEL_SIZES[size];
  const sizes = Object.values(shapes).map((shape) => shape.reduce((count, extent) => count * extent, 1));
  const parameters = sizes.reduce((sum, count) => sum + count, 0);
  const world = bodies === 1 ? 'one moving body' : `${bodies} moving bodies`;
  const others =
    channels.length === 0
      ? ''
      : ` and what is sensed of it (${channels.map((one) => code(one.name)).join(', ')})`;
  return [
    `# ${text(name)}`,
    `A world model, trained with umwelt: from what was observed${action === null ? '' : ' and commanded'} up to now it predicts ` +
      `the state of ${world}${others}, each as a mean and a spread, one tick of 1/${tickHz} s at a time.`,
    table(
      ['property', 'value'],
      [
        ['size', size],
        ['parameters', `${grouped(parameters)} in ${sizes.length} tensors, float32`],
        ['core', `${core}, ${widths.hidden} wide`],
        ['latent state', `${widths.latents} categoricals of ${widths.classes} classes`],
        ['ensemble', ensemble === 1 ? 'one dynamics head' : `${ensemble} dynamics heads`],
        [
          'symmetry',
          symmetry === 'plane' ? 'one body above a level floor, the same from everywhere' : 'none',
        ],
      ],
    ),
    `${graphs.map(({ file }) => code(file)).join(', ')} hold the networks, \`weights.safetensors\` all weights by name, ` +
      '`configuration.json` every shape and scale that is needed to use them, `manifest.json` the SHA-256 of each file.',
  ];
}

function senses(configuration: ModelConfiguration): string[] {
  const { channels, action, bodies } = configuration;
  const state: [string, number, string][] = [
    ['position', 3, 'x y z in the world, m'],
    ['orientation', 4, 'unit quaternion w x y z'],
    ['linearVelocity', 3, 'x y z in the world, m/s'],
    ['angularVelocity', 3, 'x y z in the world, rad/s'],
  ];
  const rows = [
    ...state.map(([name, width, meaning]) => [
      code(name),
      'in and out',
      `[${bodies}, ${width}]`,
      meaning,
      'no',
    ]),
    ...channels.map((channel) => [
      code(channel.name),
      isSensed(channel) ? 'in and out' : 'out',
      `[${channel.shape.join(', ')}]`,
      `${meaningOfChannel(channel, configuration)}; seen from ${short(channel.range[0])} to ${short(channel.range[1])}`,
      isScaled(channel.form) ? 'yes' : 'no',
    ]),
    ...(action === null
      ? []
      : [
          [
            code(action.name),
            'in',
            `[${action.width}]`,
            'what is commanded, in the units of the dataset',
            'yes',
          ],
        ]),
  ];
  return [
    '## Senses',
    table(['name', 'direction', 'shape of a tick', 'what it is', 'scaled'], rows),
    'What is scaled enters and leaves the networks as (value - mean) / deviation; `configuration.json` lists both by component ' +
      '(a list that is shorter than the shape repeats). What was seen is of up to 16 training episodes of each ' +
      'dataset, spread evenly. symlog(x) = sign(x) log(1 + |x|). Any sense may be missing at any tick.',
  ];
}

function isScaled(form: string): boolean {
  return form !== 'reward' && form !== 'end';
}

function graphTables(graphs: readonly ExportedGraph[], configuration: ModelConfiguration): string[] {
  const list = (values: readonly ValueDescription[], direction: string): string[][] =>
    values.map(({ name, shape }) => [
      direction,
      code(name),
      `[${shape.join(', ')}]`,
      text(meaningOfValue(name, configuration)),
    ]);
  return [
    '## Networks',
    'All values are float32, of one sequence. Each tick runs the networks one after the other: outputs are inputs of the next one, ' +
      'and of the next tick, under the same name (without `/next`); the decoder is given what the dynamics predict. Together they give one future, the average of the ensemble and of the latent state.',
    ...graphs.flatMap(({ file, inputs, outputs }) => [
      `### ${file}`,
      table(['direction', 'name', 'shape', 'what it is'], [...list(inputs, 'in'), ...list(outputs, 'out')]),
    ]),
  ];
}

function training({ provenance, recipe, versions }: ModelManifest): string[] {
  const { datasets, recordingSha256, seed, steps, fineTunedFrom } = provenance;
  const held = Object.entries(recipe).map(([name, isOn]) => [code(name), isOn ? 'on' : 'off']);
  return [
    '## Training',
    table(
      ['dataset', 'origin', 'episodes', 'SHA-256 of its data'],
      datasets.map(({ name, origin, episodes, dataSha256 }) => [
        text(name),
        origin,
        grouped(episodes),
        code(dataSha256),
      ]),
    ),
    recordingSha256.length === 0
      ? 'No recording of the physical world was used.'
      : `Recordings of the physical world among them: ${grouped(recordingSha256.length)}; \`configuration.json\` lists the SHA-256 of each.`,
    table(
      ['setting', 'value'],
      [
        ['seed', String(seed)],
        ['steps', grouped(steps)],
        [
          'begun from',
          fineTunedFrom === null
            ? 'nothing'
            : `weights of SHA-256 ${code(fineTunedFrom)}, trained before on other datasets`,
        ],
        ...held,
        ...Object.entries(versions).map(([name, version]) => [`version of ${text(name)}`, text(version)]),
      ],
    ),
    'Everything else (optimiser, schedule, weights of the losses) is fixed by the size and the version of umwelt.',
  ];
}

function metrics({ loss, validation }: ModelManifest): string[] {
  const { losses, best } = validation;
  const rows = [
    ['loss of the last training step', short(loss)],
    ...(best === null
      ? []
      : [[`least loss on held-out episodes (step ${grouped(best.step)})`, short(best.loss)]]),
    ...losses
      .slice(-1)
      .map((last) => [`last loss on held-out episodes (step ${grouped(last.step)})`, short(last.loss)]),
  ];
  return [
    '## Metrics',
    table(['metric', 'value'], rows),
    ...(best === null
      ? ['No episode was held out: how well it does on what it has not seen was not measured.']
      : []),
    'The loss has no unit and compares trainings of one size on the same data alone. `umwelt evaluate` measures how far rollouts ' +
      'drift from held-out recordings, beside baselines.',
  ];
}

function calibration({ calibration: { one } }: ModelManifest): string[] {
  if (one === null) {
    return [
      '## Calibration',
      'None: no episode was held out. How often the predicted intervals hold is not known.',
    ];
  }
  const ranges = HORIZONS.map((from, index) => {
    const next = HORIZONS[index + 1];
    return next === undefined ? `${from} and on` : next - 1 === from ? `${from}` : `${from} to ${next - 1}`;
  });
  return [
    '## Calibration',
    'Multiply predicted standard deviations by these factors, by tick after the last one observed: 90 % intervals (1.645 deviations ' +
      'to either side) then held for 90 % of what the held-out episodes showed, which are the ones that the factors were chosen on ' +
      '(split conformal prediction).',
    table(
      ['ticks', ...ranges],
      Object.entries(one).map(([name, factors]) => [code(name), ...factors.map(short)]),
    ),
  ];
}

function limits({ configuration, provenance }: ModelManifest): string[] {
  const { bodies, tickHz, stateRange, symmetry } = configuration;
  const { lowM, highM, speedMps, spinRadps } = stateRange;
  // The recordings of the model that it was tuned from count too; its datasets are not listed.
  const isRecorded =
    provenance.recordingSha256.length > 0 || provenance.datasets.some(({ origin }) => origin === 'recorded');
  const axes = ['x', 'y', 'z'].map((axis, i) => `${axis} ${short(lowM[i]!)} to ${short(highM[i]!)} m`);
  return [
    '## Limits',
    [
      `It knows ${bodies === 1 ? 'one body' : `exactly ${bodies} bodies`} of the shapes, masses and surfaces in its training data` +
        `${symmetry === 'plane' ? ', above a level floor' : ''}; it is not told what they are.`,
      isRecorded
        ? 'It has learned from recordings, of the objects, places and days that they show and no others.'
        : 'It has learned from simulation alone: nothing here says how it does in the physical world.',
      `Training data lay within ${axes.join(', ')}, speeds to ${short(speedMps)} m/s and spins to ${short(spinRadps)} rad/s. umwelt keeps rollouts near them; these networks alone do not.`,
      `Time goes in steps of 1/${tickHz} s: what is shorter is averaged or lost. Errors grow with every tick predicted, and after contact fastest.`,
      'It is one training run: another seed gives other weights, and how far they differ was not measured.',
      'Numbers repeat on one kind of processor, and differ in the last digits between processors and runtimes.',
    ]
      .map((limit) => `- ${limit}`)
      .join('\n'),
  ];
}

function loading(configuration: ModelConfiguration, graphs: readonly ExportedGraph[]): string[] {
  const names = graphs.map(({ name }) => name);
  return [
    '## How to load it',
    'In a browser, or in Node (`npm install onnxruntime-web`), in this folder:',
    `\`\`\`js\n${webSnippet(names, configuration)}\n\`\`\``,
    'In Python (`pip install onnxruntime`), in this folder:',
    `\`\`\`python\n${pythonSnippet(names, configuration)}\n\`\`\``,
    "`safetensors.numpy.load_file('weights.safetensors')` gives the weights by name.",
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Keeps a name from being read as Markdown. */
function text(value: string): string {
  return value.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&');
}

function code(value: string): string {
  return `\`${value.replace(/\s+/g, ' ').replace(/`/g, "'").replace(/\|/g, '\\|')}\``;
}

/** Writes a number with four significant digits. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Writes a whole number with commas between thousands. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
