import { channelWidth, isSensed, type ModelConfiguration } from '../model/configuration.js';

/**
 * Writes a program for onnxruntime-web that predicts one second from one observed tick.
 *
 * @param names of the networks that there are: `encoder`, `dynamics`, `decoder`.
 */
export function webSnippet(names: readonly string[], configuration: ModelConfiguration): string {
  const { bodies, tickHz } = configuration;
  const sense = sensedFirst(configuration);
  return lines(
    "import * as ort from 'onnxruntime-web';",
    '',
    "const open = (name) => ort.InferenceSession.create(name + '.onnx');",
    `const [${names.join(', ')}] = await Promise.all([${names.map((name) => `'${name}'`).join(', ')}].map(open));`,
    '',
    '// Runs a network on those of the given values that it takes, and on zeros for the rest.',
    'const run = (session, given) =>',
    '  session.run(Object.fromEntries(session.inputMetadata.map(({ name, shape }) => [name, given[name] ?? zeros(shape)])));',
    "const tensor = (values, shape) => new ort.Tensor('float32', Float32Array.from(values), shape);",
    'const zeros = (shape) => tensor(Array(shape.reduce((count, extent) => count * extent, 1)).fill(0), shape);',
    'const one = tensor([1], [1, 1]);',
    '',
    '// What is observed at the first tick; put your own values here. Bodies at rest at the origin:',
    `const upright = Array.from({ length: ${bodies} }, () => [1, 0, 0, 0]).flat();`,
    `const observed = { orientation: tensor(upright, [${bodies}, 4]), observed: one };`,
    'const remembered = {};',
    sense && `const ${VALUES} = zeros([1, ${sense.width}]); // ${quoted(sense.name)}, scaled`,
    sense &&
      `Object.assign(observed, { ${quoted(sense.name)}: ${VALUES}, ${quoted(`${sense.name}/seen`)}: one });`,
    sense && `Object.assign(remembered, { ${quoted(`${sense.name}/last`)}: ${VALUES}, known: one });`,
    '',
    'let predicted = {};',
    `for (let tick = 0; tick < ${tickHz}; tick++) {`,
    '  const given = { ...predicted, ...remembered, ...(tick === 0 ? observed : {}) };',
    names.includes('encoder') && '  Object.assign(given, await run(encoder, given));',
    '  const next = Object.entries(await run(dynamics, given));',
    "  predicted = Object.fromEntries(next.map(([name, value]) => [name.replace('/next', ''), value]));",
    names.includes('decoder') &&
      '  const expected = await run(decoder, { ...given, ...predicted }); // mean and log-variance of every sense',
    names.includes('decoder') && '  if (tick === 0) console.log(Object.keys(expected));',
    '}',
    'console.log(predicted.position.data);',
  );
}

/** Writes the same program for Python's onnxruntime. */
export function pythonSnippet(names: readonly string[], configuration: ModelConfiguration): string {
  const { bodies, tickHz } = configuration;
  const sense = sensedFirst(configuration);
  return lines(
    'import numpy as np',
    'import onnxruntime as ort',
    '',
    ...names.map((name) => `${name} = ort.InferenceSession("${name}.onnx")`),
    '',
    'def run(session, given):',
    '    """Runs a network on those of the given values that it takes, and on zeros for the rest."""',
    '    feed = {i.name: given.get(i.name, np.zeros(i.shape, np.float32)) for i in session.get_inputs()}',
    '    return dict(zip([o.name for o in session.get_outputs()], session.run(None, feed)))',
    '',
    'one = np.ones((1, 1), np.float32)',
    '',
    '# What is observed at the first tick; put your own values here. Bodies at rest at the origin:',
    `upright = np.tile(np.array([[1, 0, 0, 0]], np.float32), (${bodies}, 1))`,
    'observed = {"orientation": upright, "observed": one}',
    'remembered = {}',
    sense && `${VALUES} = np.zeros((1, ${sense.width}), np.float32)  # ${quoted(sense.name)}, scaled`,
    sense && `observed.update({${quoted(sense.name)}: ${VALUES}, ${quoted(`${sense.name}/seen`)}: one})`,
    sense && `remembered.update({${quoted(`${sense.name}/last`)}: ${VALUES}, "known": one})`,
    '',
    'predicted = {}',
    `for tick in range(${tickHz}):`,
    '    given = {**predicted, **remembered, **(observed if tick == 0 else {})}',
    names.includes('encoder') && '    given.update(run(encoder, given))',
    '    predicted = {name.replace("/next", ""): value for name, value in run(dynamics, given).items()}',
    names.includes('decoder') &&
      '    expected = run(decoder, {**given, **predicted})  # mean and log-variance of every sense',
    names.includes('decoder') && '    if tick == 0:\n        print(list(expected))',
    'print(predicted["position"])',
  );
}

const VALUES = 'values';

/** A text as JavaScript and Python both write it. */
function quoted(value: string): string {
  return JSON.stringify(value);
}

/** The sense that the programs give, as an example; null where the model has none but the state. */
function sensedFirst({ channels }: ModelConfiguration) {
  const channel = channels.find(isSensed);
  return channel === undefined ? null : { name: channel.name, width: channelWidth(channel) };
}

function lines(...all: readonly (string | false | null)[]): string {
  return all.filter((line) => line !== false && line !== null).join('\n');
}
