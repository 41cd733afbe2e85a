import type { ProtobufWriter } from './protobuf-writer.js';

/** Marks a number as a float attribute: a bare number is an integer attribute. */
export class FloatAttribute {
  constructor(readonly value: number | readonly number[]) {}
}

/** A float (or list of floats) attribute of a node. */
export const float = (value: number | readonly number[]): FloatAttribute => new FloatAttribute(value);

/** A graph within the graph: the body of a loop. */
export class GraphAttribute {
  constructor(readonly write: (writer: ProtobufWriter) => void) {}
}

/** number: INT, number[]: INTS, string: STRING, `float(x)`: FLOAT, `float([x])`: FLOATS, a GraphAttribute: GRAPH. */
export type Attribute = number | readonly number[] | string | FloatAttribute | GraphAttribute;

const TYPE = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 };

/** Writes an ONNX AttributeProto (fields: name 1, f 2, i 3, s 4, g 6, floats 7, ints 8, type 20). */
export function writeAttribute(writer: ProtobufWriter, name: string, attribute: Attribute): void {
  writer.string(1, name);
  if (attribute instanceof FloatAttribute) {
    if (typeof attribute.value === 'number') {
      writer.float(2, attribute.value).integer(20, TYPE.float);
    } else {
      for (const value of attribute.value) writer.float(7, value);
      writer.integer(20, TYPE.floats);
    }
  } else if (attribute instanceof GraphAttribute) {
    writer.message(6, attribute.write).integer(20, TYPE.graph);
  } else if (typeof attribute === 'number') {
    writer.integer(3, attribute).integer(20, TYPE.int);
  } else if (typeof attribute === 'string') {
    writer.string(4, attribute).integer(20, TYPE.string);
  } else {
    for (const value of attribute) writer.integer(8, value);
    writer.integer(20, TYPE.ints);
  }
}
