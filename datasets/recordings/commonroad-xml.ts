import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describeCause, type UmweltError } from '../../core/errors.js';
import { malformed } from './malformed.js';

/** One element of an XML document, with the file and line it starts in, so that whoever reads it can say where. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own text, trimmed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** The largest file that is read at once. */
const MAX_BYTES = 64 * 2 ** 20;
/** CommonRoad nests 9 deep. */
const MAX_DEPTH = 32;
/** No metre, second or id is larger. */
const MAX_NUMBER = 2 ** 31 - 1;
const METADATA = XMLParser.getMetaDataSymbol() as unknown as symbol;
/** A decimal number as XML Schema has it. */
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** What the parser makes of an element with `preserveOrder`: its name as the key of its children. */
type Parsed = Readonly<Record<string, unknown>> & { readonly ':@'?: Readonly<Record<string, string>> };

/**
 * Reads an XML document whole. Entities are left as they are written, and a document type declaration, which is where
 * entities that blow up are defined, is refused.
 *
 * @throws UmweltError `malformed-file` with the line, for anything but one well-formed element in UTF-8.
 */
export function readXml(bytes: Uint8Array, path: string): XmlElement {
  if (bytes.length > MAX_BYTES)
    throw malformed(path, 'line 1', `expected at most ${MAX_BYTES} bytes, got ${bytes.length}`);
  const text = textOf(bytes, path);
  const lineAt = lineFinder(text);
  const doctype = text.search(/<!DOCTYPE/i);
  if (doctype >= 0)
    throw malformed(path, `line ${lineAt(doctype)}`, 'a document type declaration is not taken');
  const roots = parse(text, path).filter((node) => !('#text' in node));
  if (roots.length !== 1) throw malformed(path, 'line 1', `expected one root element, got ${roots.length}`);
  return elementOf(roots[0]!, path, lineAt);
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch (cause) {
    throw malformed(path, 'line 1', `expected text in UTF-8: ${describeCause(cause)}`);
  }
}

function parse(text: string, path: string): readonly Parsed[] {
  try {
    const verdict = XMLValidator.validate(text);
    if (verdict !== true) throw malformed(path, `line ${verdict.err.line}`, short(verdict.err.msg));
    return new XMLParser({
      preserveOrder: true,
      captureMetaData: true,
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseTagValue: false,
      parseAttributeValue: false,
      processEntities: false,
      ignoreDeclaration: true,
      ignorePiTags: true,
      maxNestedTags: MAX_DEPTH,
    }).parse(text) as readonly Parsed[];
  } catch (thrown) {
    if ((thrown as UmweltError).code === 'malformed-file') throw thrown;
    throw malformed(path, 'line 1', short(describeCause(thrown)));
  }
}

function short(message: string): string {
  return message.length <= 200 ? message : `${message.slice(0, 197)}...`;
}

function elementOf(node: Parsed, path: string, lineAt: (index: number) => number): XmlElement {
  const name = Object.keys(node).find((key) => key !== ':@')!;
  const inside = node[name] as readonly Parsed[];
  const { startIndex } = (node as unknown as Record<symbol, { startIndex: number }>)[METADATA]!;
  return {
    name,
    attributes: node[':@'] ?? {},
    text: inside
      .map((child) => child['#text'] ?? '')
      .join('')
      .trim(),
    children: inside.filter((child) => !('#text' in child)).map((child) => elementOf(child, path, lineAt)),
    path,
    line: lineAt(startIndex),
  };
}

function lineFinder(text: string): (index: number) => number {
  const breaks: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) breaks.push(at);
  return (index) => {
    let [low, high] = [0, breaks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (breaks[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

/** Makes the error for an element that is not what it should be, with its line. */
export function wrongElement({ path, line }: XmlElement, reason: string): UmweltError {
  return malformed(path, `line ${line}`, reason);
}

/** Returns the children of a name, in order. */
export function all(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

/**
 * Returns the child of a name, or undefined where there is none.
 *
 * @throws UmweltError `malformed-file` when there is more than one.
 */
export function maybe(parent: XmlElement, name: string): XmlElement | undefined {
  const found = all(parent, name);
  if (found.length > 1)
    throw wrongElement(found[1]!, `expected one <${name}> in <${parent.name}>, got ${found.length}`);
  return found[0];
}

/** Returns the only child of a name. @throws UmweltError `malformed-file` when there is none, or more. */
export function one(parent: XmlElement, name: string): XmlElement {
  const found = maybe(parent, name);
  if (found === undefined) throw wrongElement(parent, `<${parent.name}> has no <${name}>`);
  return found;
}

/** Returns an attribute. @throws UmweltError `malformed-file` when it is missing. */
export function attributeOf(element: XmlElement, name: string): string {
  const value = element.attributes[name];
  if (value === undefined) throw wrongElement(element, `<${element.name}> has no attribute ${name}`);
  return value;
}

/** Reads text as a number of at most `MAX_NUMBER`. @throws UmweltError `malformed-file`. */
export function numberIn(element: XmlElement, text = element.text): number {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!(Math.abs(value) <= MAX_NUMBER))
    throw wrongElement(
      element,
      `expected a number of at most ${MAX_NUMBER} in <${element.name}>, got ${JSON.stringify(short(text))}`,
    );
  return value;
}

/** Reads text as a whole number from 0 to 2^31 - 1. @throws UmweltError `malformed-file`. */
export function wholeNumberIn(element: XmlElement, text = element.text): number {
  const value = numberIn(element, text);
  if (!Number.isInteger(value) || value < 0)
    throw wrongElement(element, `expected a whole number below 2^31 in <${element.name}>, got ${value}`);
  return value;
}

/** Reads the <x> and <y> of an element. @throws UmweltError `malformed-file`. */
export function pointIn(element: XmlElement): readonly [number, number] {
  return [numberIn(one(element, 'x')), numberIn(one(element, 'y'))];
}
