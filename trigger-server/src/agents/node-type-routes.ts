import { nodeSpec, nodeTypeList } from '@dograh-trigger/shared';
import * as z from 'zod';
import { route, type Route } from '../http/route';
import { Problem } from '../problem';
import { findNodeType, nodeTypes } from './node-types';

/** The version of the format of these descriptions, for clients generated from it. */
const specVersion = '1.0.0';
const sorted = [...nodeTypes].sort((one, other) => (one.name < other.name ? -1 : 1));

export function nodeTypeRoutes(): Route[] {
  return [
    route({
      method: 'get',
      scope: 'read',
      path: '/node-types',
      tag: 'Agents',
      summary: 'The types of nodes an agent is made of, with what a form needs to draw them',
      auth: 'member',
      reply: nodeTypeList,
      handle: () => Promise.resolve({ spec_version: specVersion, node_types: sorted }),
    }),
    route({
      method: 'get',
      scope: 'read',
      path: '/node-types/{name}',
      tag: 'Agents',
      summary: 'One type of node',
      auth: 'member',
      params: z.object({ name: z.string() }),
      reply: nodeSpec,
      refusals: { 404: 'There is no such type of node.' },
      handle: ({ params: { name } }) => {
        const type = findNodeType(name);
        if (type === undefined) throw new Problem('not_found', `Unknown node type: '${name}'`);
        return Promise.resolve(type);
      },
    }),
  ];
}
