/** XML for answer documents. Text and attributes are data: a greeting with `</Say><Dial>` stays a greeting. */

export type XmlNode = string | XmlElement;

export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: readonly XmlNode[];
}

export function element(
  name: string,
  attributes: Record<string, string> = {},
  ...children: readonly XmlNode[]
): XmlElement {
  return { name, attributes, children };
}

/** A whole document, with its declaration. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${render(root)}`;
}

function render(node: XmlNode): string {
  if (typeof node === 'string') return escape(node);
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => ` ${name}="${escape(value)}"`)
    .join('');
  if (node.children.length === 0) return `<${node.name}${attributes}/>`;
  return `<${node.name}${attributes}>${node.children.map(render).join('')}</${node.name}>`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
function escape(text: string): string {
  return text
    .toWellFormed()
    .split('')
    .filter(isXmlCharacter)
    .join('')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** False for a character that XML 1.0 does not allow, even escaped (section 2.2, Char). Surrogates are in pairs here. */
function isXmlCharacter(character: string): boolean {
  const code = character.charCodeAt(0);
  return code >= 0x20 ? code < 0xfffe : code === 0x09 || code === 0x0a || code === 0x0d;
}
