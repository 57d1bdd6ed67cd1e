/** Values held against the shapes of a botocore service model. */

export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  /** The member that is the whole body. */
  readonly payload?: string;
  readonly member?: { readonly shape: string };
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly error?: { readonly code?: string; readonly httpStatusCode: number };
}

interface Member {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'header';
  readonly locationName?: string;
}

export type Shapes = Readonly<Record<string, Shape>>;

/** What is wrong with a value, in words that name where. */
export function shapeComplaints(shapes: Shapes, name: string, value: unknown, where: string): readonly string[] {
  const shape = shapes[name];
  if (shape === undefined) return [`${where}: the model has no shape ${name}`];
  switch (shape.type) {
    case 'structure':
      return structureComplaints(shapes, shape, value, where);
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item, index) => shapeComplaints(shapes, shape.member?.shape ?? '', item, `${where}[${index}]`))
        : [`${where} is not a list`];
    case 'string':
      return stringComplaints(shape, value, where);
    case 'integer':
    case 'long':
      return numberComplaints(shape, value, where);
    case 'timestamp':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? [] : [`${where} is not a timestamp`];
    default:
      return [`${where}: shapes of type ${shape.type} are not checked`];
  }
}

function structureComplaints(shapes: Shapes, shape: Shape, value: unknown, where: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where} is not a structure`];
  const present = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  const names = new Set(present.map(([name]) => name));
  const missing = (shape.required ?? []).filter((name) => !names.has(name)).map((name) => `${where} lacks ${name}`);
  const wrong = present.flatMap(([name, member]) => {
    const known = shape.members?.[name];
    return known === undefined
      ? [`${where} has an unknown member ${name}`]
      : shapeComplaints(shapes, known.shape, member, `${where}.${name}`);
  });
  return [...missing, ...wrong];
}

function stringComplaints(shape: Shape, value: unknown, where: string): readonly string[] {
  if (typeof value !== 'string') return [`${where} is not a string`];
  if (shape.enum !== undefined && !shape.enum.includes(value))
    return [`${where} is not one of ${shape.enum.join(', ')}`];
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(value)) {
    return [`${where} does not match ${shape.pattern}`];
  }
  return boundComplaints(shape, value.length, `the length of ${where}`);
}

/** Some escape what Unicode patterns do not let one escape. */
const patternOf = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, pattern.includes('\\p{') ? 'u' : '');

/** Query strings and forms carry numbers as text. */
function numberComplaints(shape: Shape, value: unknown, where: string): readonly string[] {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) ? boundComplaints(shape, Number(number), where) : [`${where} is not an integer`];
}

function boundComplaints({ min, max }: Shape, size: number, where: string): readonly string[] {
  const low = min !== undefined && size < min ? [`${where} is below ${min}`] : [];
  const high = max !== undefined && size > max ? [`${where} is above ${max}`] : [];
  return [...low, ...high];
}
