/** A state of a made scene: position, heading, step, speed, acceleration. */
export type StateRow = readonly [x: number, y: number, yaw: number, step: number, v: number, a: number];

const value = (name: string, number: number | string): string =>
  `<${name}><exact>${number}</exact></${name}>`;

export function stateXml(tag: string, [x, y, yaw, step, v, a]: StateRow): string {
  return `<${tag}><position><point><x>${x}</x><y>${y}</y></point></position>
${value('orientation', yaw)}${value('time', step)}${value('velocity', v)}${value('acceleration', a)}</${tag}>`;
}

export interface CarOptions {
  readonly id?: number;
  readonly shape?: string;
  readonly version?: '2018b' | '2020a';
  readonly role?: 'dynamic' | 'static';
}

export function obstacleXml(rows: readonly StateRow[], options: CarOptions = {}): string {
  const { id = 1, version = '2020a', role = 'dynamic' } = options;
  const { shape = '<rectangle><length>4.5</length><width>2</width></rectangle>' } = options;
  const tag = version === '2018b' ? 'obstacle' : `${role}Obstacle`;
  const states = rows.slice(1).map((row) => stateXml('state', row));
  return `<${tag} id="${id}">
${version === '2018b' ? `<role>${role}</role>` : ''}<type>car</type>
<shape>${shape}</shape>
${stateXml('initialState', rows[0]!)}
${role === 'static' ? '' : `<trajectory>\n${states.join('\n')}\n</trajectory>`}
</${tag}>`;
}

/** A straight lane of 3.5 m along x whose centre is at `y`. */
export function laneletXml(id: number, fromX: number, toX: number, y: number, inside = ''): string {
  const bound = (name: string, at: number) =>
    `<${name}>${[fromX, toX].map((x) => `<point><x>${x}</x><y>${at}</y></point>`).join('')}</${name}>`;
  return `<lanelet id="${id}">${bound('leftBound', y + 1.75)}${bound('rightBound', y - 1.75)}${inside}</lanelet>`;
}

export function sceneXml(
  content: string,
  attributes = 'commonRoadVersion="2020a" timeStepSize="0.1"',
): string {
  return `<?xml version="1.0"?>\n<commonRoad benchmarkID="USA_Test-1_1_T-1" ${attributes}>\n${content}\n</commonRoad>\n`;
}

/** A car at a constant speed along x from `x`. */
export function cruise(x: number, y: number, speed: number, steps: number, first = 0): StateRow[] {
  return Array.from({ length: steps }, (_, i) => [
    Number((x + speed * i * 0.1).toFixed(6)),
    y,
    0,
    first + i,
    speed,
    0,
  ]);
}
