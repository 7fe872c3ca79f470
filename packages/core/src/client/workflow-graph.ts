import type { ResultNode } from '../canvas/result-node.js';
import type { ResultAccess } from './result-access.js';

export interface GraphNode {
  /** Task id. */
  readonly id: string;
  /** Task name; empty where it is not known. */
  readonly task: string;
  /** PENDING where nothing is stored. */
  readonly state: string;
}

/** A task whose end another one waits for. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

/** A workflow as nodes and edges, at one moment. */
export interface WorkflowGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export async function workflowGraph(node: ResultNode, access: ResultAccess): Promise<WorkflowGraph> {
  const tasks = new Map<string, string>();
  const edges: GraphEdge[] = [];
  const seen = new Map<ResultNode, Ends>();
  walk(node, [], tasks, edges, seen);
  const ids = [...tasks.keys()];
  const states = await access.states(ids);
  return {
    nodes: ids.map((id, index) => ({ id, task: tasks.get(id) ?? '', state: states[index] ?? 'PENDING' })),
    edges,
  };
}

/** Tasks with which a part of the graph ends. */
type Ends = readonly string[];

/** @param before tasks that must have ended before the first of this part begins */
function walk(
  node: ResultNode,
  before: Ends,
  tasks: Map<string, string>,
  edges: GraphEdge[],
  seen: Map<ResultNode, Ends>,
): Ends {
  const known = seen.get(node);
  if (known !== undefined) return known;
  const after = node.parent === undefined ? before : walk(node.parent, before, tasks, edges, seen);
  let ends: Ends;
  if (node.kind === 'task') {
    tasks.set(node.id, node.task);
    for (const from of after) edges.push({ from, to: node.id });
    ends = [node.id];
  } else {
    ends = node.members.flatMap((member) => walk(member, after, tasks, edges, seen));
  }
  seen.set(node, ends);
  return ends;
}

const colours: Readonly<Record<string, string>> = {
  SUCCESS: '#2e7d32',
  FAILURE: '#c62828',
  REVOKED: '#6d4c41',
  STARTED: '#1565c0',
  RETRY: '#ef6c00',
};

/** For Graphviz. */
export function toDot({ nodes, edges }: WorkflowGraph): string {
  const lines = nodes.map(({ id, task, state }) => {
    const label = `${task || id}\\n${state}`.replaceAll('"', '\\"');
    return `  "${id}" [label="${label}", color="${colours[state] ?? '#757575'}"];`;
  });
  return [
    'digraph workflow {',
    '  node [shape=box];',
    ...lines,
    ...edges.map(({ from, to }) => `  "${from}" -> "${to}";`),
    '}',
    '',
  ].join('\n');
}

/** For Mermaid, as Markdown pages draw it. */
export function toMermaid({ nodes, edges }: WorkflowGraph): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `t${index}`]));
  const lines = nodes.map(({ id, task, state }) => {
    const label = `${task || id}: ${state}`.replaceAll('"', '#quot;').replaceAll(/[\n[\]{}]/g, ' ');
    return `  ${names.get(id)}["${label}"]`;
  });
  return [
    'flowchart TD',
    ...lines,
    ...edges.map(({ from, to }) => `  ${names.get(from)} --> ${names.get(to)}`),
    '',
  ].join('\n');
}
