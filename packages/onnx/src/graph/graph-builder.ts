import { type Attribute, GraphAttribute, writeAttribute } from './attribute.js';
import { permuteAxes } from './permute-axes.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** ONNX operator set that the graphs are written for. */
const OPSET = 17;
const IR_VERSION = 8;
const FLOAT = 1;
const INT64 = 7;

/** Operator domains besides the standard one. */
export const CONTRIB_DOMAIN = 'com.microsoft';
export const NCHWC_DOMAIN = 'com.microsoft.nchwc';

type ConstantData = Float32Array | BigInt64Array;

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly domain: string;
  readonly label: string;
}

interface Port {
  readonly name: string;
  /** A name: any size. */
  readonly shape: readonly (number | string)[];
}

/** Builds one ONNX graph node by node; values are known by their names. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #constants: { name: string; shape: readonly number[]; data: ConstantData }[] = [];
  readonly #shared = new Map<string, string>();
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  /** Values that leave the graph, and under which name. */
  readonly #outputNames = new Map<string, string>();
  /** Operator domains in use besides the standard one. */
  readonly #domains = new Set<string>();
  #count = 0;

  /** Prefixed to the names of the nodes that follow, so that profiles can be read. */
  label = '';

  get nodeCount(): number {
    return this.#nodes.length;
  }

  /** Declares a float32 graph input; -1 stands for any number of images. */
  input(name: string, shape: readonly number[]): string {
    this.#inputs.push({ name, shape: shape.map((size) => (size < 0 ? 'batch' : size)) });
    return name;
  }

  /** Declares a float32 graph output. */
  output(name: string, value: string, shape: readonly number[]): void {
    const isComputed = this.#nodes.some((node) => node.outputs.includes(value));
    // The node that computes the value writes it under the output's name; others need a node that copies.
    if (isComputed && !this.#outputNames.has(value)) this.#outputNames.set(value, name);
    else this.#emit('Identity', [value], [name], {}, '');
    this.#outputs.push({ name, shape: shape.map((size) => (size < 0 ? 'batch' : size)) });
  }

  /** Adds a node with one output and returns the output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): string {
    return this.nodes(operator, inputs, 1, attributes, domain)[0]!;
  }

  /** Adds a node with `count` outputs. */
  nodes(
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.#fresh(operator));
    this.#emit(operator, inputs, outputs, attributes, domain);
    return outputs;
  }

  /** A constant tensor; equal constants are stored once. */
  constant(data: ConstantData, shape: readonly number[]): string {
    const kind = data instanceof Float32Array ? 'f' : 'i';
    const content = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
    const key = `${kind}${shape.join()}:${content}`;
    const existing = this.#shared.get(key);
    if (existing !== undefined) return existing;
    const name = this.weights(data, shape);
    this.#shared.set(key, name);
    return name;
  }

  /** A constant tensor that is never looked up again: trained weights. */
  weights(data: ConstantData, shape: readonly number[]): string {
    const name = this.#fresh('constant');
    this.#constants.push({ name, shape, data });
    return name;
  }

  /** A scalar constant. */
  scalar(value: number): string {
    return this.constant(Float32Array.of(value), []);
  }

  /** A one-dimensional int64 constant. */
  integers(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b]);
  }

  subtract(a: string, b: string): string {
    return this.node('Sub', [a, b]);
  }

  multiply(a: string, b: string): string {
    return this.node('Mul', [a, b]);
  }

  divide(a: string, b: string): string {
    return this.node('Div', [a, b]);
  }

  negate(x: string): string {
    return this.node('Neg', [x]);
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.node('Reshape', [x, this.integers(shape)]);
  }

  /** Weights are transposed right away, so that an exported file holds them as its operators want them. */
  transpose(x: string, permutation: readonly number[]): string {
    const weights = this.#constants.find(({ name }) => name === x);
    if (weights?.data instanceof Float32Array) {
      const data = permuteAxes(weights.data, weights.shape, permutation);
      return this.weights(
        data,
        permutation.map((axis) => weights.shape[axis]!),
      );
    }
    return this.node('Transpose', [x], { perm: permutation });
  }

  sum(x: string, axes: readonly number[], keepDimensions = false): string {
    return this.node('ReduceSum', [x, this.integers(axes)], { keepdims: keepDimensions ? 1 : 0 });
  }

  mean(x: string, axes: readonly number[], keepDimensions = false): string {
    return this.node('ReduceMean', [x], { axes, keepdims: keepDimensions ? 1 : 0 });
  }

  concatenate(values: readonly string[], axis: number): string {
    return values.length === 1 ? values[0]! : this.node('Concat', values, { axis });
  }

  slice(
    x: string,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    steps?: readonly number[],
  ): string {
    const inputs = [x, this.integers(starts), this.integers(ends), this.integers(axes)];
    return this.node('Slice', steps ? [...inputs, this.integers(steps)] : inputs);
  }

  /** Serialises the graph as an ONNX ModelProto. */
  build(): Uint8Array {
    const writer = new ProtobufWriter().integer(1, IR_VERSION).string(2, '@mnist/onnx');
    writer.message(7, (graph) => this.#writeGraph(graph, { inputs: this.#inputs, outputs: this.#outputs }));
    writer.message(8, (opset) => opset.string(1, '').integer(2, OPSET));
    for (const domain of this.#domains) writer.message(8, (opset) => opset.string(1, domain).integer(2, 1));
    return writer.finish();
  }

  /**
   * The graph repeated in one call (ONNX's Scan). Inputs that have a next value are carried from one repetition to the next;
   * all others, and the outputs that are no next values, get a first axis: the repetitions, any number of them.
   *
   * @param nextOf the output that is the next value of an input, where there is one
   */
  buildRepeated(nextOf: (input: string) => string): Uint8Array {
    const outputs = new Map(this.#outputs.map((port) => [port.name, port]));
    const carried = this.#inputs.filter(({ name }) => outputs.has(nextOf(name)));
    const given = this.#inputs.filter((port) => !carried.includes(port));
    const next = carried.map(({ name }) => outputs.get(nextOf(name))!);
    const told = this.#outputs.filter((port) => !next.includes(port));
    const repeated = ({ name, shape }: Port): Port => ({ name, shape: ['repetitions', ...shape] });

    const outer = new GraphBuilder();
    outer.#inputs.push(...carried, ...given.map(repeated));
    outer.#outputs.push(...next, ...told.map(repeated));
    const body = { inputs: [...carried, ...given], outputs: [...next, ...told] };
    const names = (ports: readonly Port[]) => ports.map(({ name }) => name);
    outer.#emit(
      'Scan',
      names(body.inputs),
      names(body.outputs),
      {
        // Names in a body must differ from those around it.
        body: new GraphAttribute((writer) => this.#writeGraph(writer, body, 'body/')),
        num_scan_inputs: given.length,
      },
      '',
    );
    for (const domain of this.#domains) outer.#domains.add(domain);
    return outer.build();
  }

  #emit(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, Attribute>,
    domain: string,
  ): void {
    if (domain !== '') this.#domains.add(domain);
    this.#nodes.push({ operator, inputs, outputs, attributes, domain, label: this.label });
  }

  #fresh(stem: string): string {
    this.#count += 1;
    return `${stem}_${this.#count}`;
  }

  #writeGraph(
    graph: ProtobufWriter,
    ports: { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] },
    prefix = '',
  ): void {
    // No name: an input that is left out.
    const final = (value: string) =>
      value === '' ? '' : `${prefix}${this.#outputNames.get(value) ?? value}`;
    for (const [index, node] of this.#nodes.entries()) {
      graph.message(1, (writer) => {
        for (const input of node.inputs) writer.string(1, final(input));
        for (const output of node.outputs) writer.string(2, final(output));
        // ONNX Runtime wants unique node names.
        writer.string(3, `${node.label}${node.label ? '/' : ''}${node.operator}_${index}`);
        writer.string(4, node.operator);
        for (const [name, attribute] of Object.entries(node.attributes)) {
          writer.message(5, (inner) => writeAttribute(inner, name, attribute));
        }
        if (node.domain !== '') writer.string(7, node.domain);
      });
    }
    graph.string(2, 'graph');
    const used = new Set(this.#nodes.flatMap((node) => node.inputs));
    for (const { name, shape, data } of this.#constants) {
      if (!used.has(name)) continue;
      graph.message(5, (tensor) => {
        for (const size of shape) tensor.integer(1, size);
        tensor.integer(2, data instanceof Float32Array ? FLOAT : INT64).string(8, `${prefix}${name}`);
        tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      });
    }
    const named = ({ name, shape }: Port): Port => ({ name: `${prefix}${name}`, shape });
    for (const port of ports.inputs) graph.message(11, (writer) => writePort(writer, named(port)));
    for (const port of ports.outputs) graph.message(12, (writer) => writePort(writer, named(port)));
  }
}

/** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { value 1 | param 2 } } } }. */
function writePort(writer: ProtobufWriter, { name, shape }: Port): void {
  writer.string(1, name).message(2, (type) => {
    type.message(1, (tensor) => {
      tensor.integer(1, FLOAT).message(2, (dimensions) => {
        for (const size of shape) {
          dimensions.message(1, (dimension) => {
            if (typeof size === 'number') dimension.integer(1, size);
            else dimension.string(2, size);
          });
        }
      });
    });
  });
}
