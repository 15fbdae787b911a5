/** The editor of one agent: its views, its bar and the dialogs above them. */
import type { Agent } from '@dograh-trigger/shared';
import { lazy, Suspense, useCallback, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { ApiError } from '../../api/http';
import { Badge } from '../../ui/badge';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { Page } from '../../ui/page';
import { Tabs } from '../../ui/tabs';
import { AgentActions } from './frame/agent-actions';
import { ConflictDialog } from './frame/conflict-dialog';
import { DraftBar } from './frame/draft-bar';
import { EdgeDialog, NodeDialog } from './frame/item-dialogs';
import { LeaveDialog } from './frame/leave-dialog';
import { useEditor, type Editor } from './editor/use-editor';
import { useFaults } from './editor/use-faults';
import { useSaving, type Saving } from './editor/use-saving';
import { useShortcuts } from './editor/use-shortcuts';
import { AddNode } from './forms/add-node';
import { FaultList } from './forms/fault-list';
import { GreetingView } from './greeting/greeting-view';
import { moveNodes } from './model/content';
import type { Faults } from './model/faults';
import type { NodeSpecs } from './model/graph-rules';
import { tidyPositions } from './model/layout';
import { Outline } from './outline/outline';
import { SettingsView } from './settings/settings-view';
import { VersionsView } from './versions/versions-view';
import { Button } from '../../ui/button';
import styles from './agent-editor.module.css';

const Canvas = lazy(() => import('./canvas/canvas'));
const ChatView = lazy(() => import('./chat/chat-view'));

const views = [
  { name: 'canvas', label: 'Canvas' },
  { name: 'outline', label: 'Outline' },
  { name: 'greeting', label: 'Greeting' },
  { name: 'chat', label: 'Chat' },
  { name: 'settings', label: 'Settings' },
  { name: 'versions', label: 'Versions' },
] as const;

type View = (typeof views)[number]['name'];

/** The view is part of the address, so that a link leads to it. */
function useView(agentId: number): [View, (view: View) => void] {
  const search = new URLSearchParams(useSearch());
  const [, go] = useLocation();
  const chosen = views.find(({ name }) => name === search.get('view'))?.name ?? 'canvas';
  return [chosen, (view) => go(`/agents/${agentId}?view=${view}`, { replace: true })];
}

export function AgentEditor({ agent, specs }: { agent: Agent; specs: NodeSpecs }) {
  const editor = useEditor(agent);
  const saving = useSaving(editor);
  const faults = useFaults(editor, saving);
  const [view, choose] = useView(agent.id);
  useShortcuts(editor, saving);
  const { base } = editor;
  return (
    <Page
      title={base.name}
      above={<Link href="/agents">All agents</Link>}
      actions={<AgentActions editor={editor} saving={saving} />}
    >
      {base.status === 'archived' && (
        <div>
          <Badge tone="plain">Archived: its trigger URLs do not call</Badge>
        </div>
      )}
      <DraftBar editor={editor} saving={saving} specs={specs} />
      {saving.refused !== null && saving.conflict === null && <Notice error={saving.refused.error} />}
      <FaultList faults={faults.general} />
      <Tabs label="Views of the agent" tabs={views} chosen={view} onChoose={choose}>
        <ViewOf view={view} editor={editor} saving={saving} specs={specs} faults={faults} />
      </Tabs>
      <ConflictDialog editor={editor} saving={saving} specs={specs} />
      <LeaveDialog isDirty={editor.isDirty} />
    </Page>
  );
}

function ViewOf(props: { view: View; editor: Editor; saving: Saving; specs: NodeSpecs; faults: Faults }) {
  const { view, editor, saving, specs, faults } = props;
  switch (view) {
    case 'canvas':
      return <CanvasView editor={editor} specs={specs} faults={faults} />;
    case 'outline':
      return <Outline editor={editor} specs={specs} faults={faults} />;
    case 'greeting':
      return <GreetingView editor={editor} specs={specs} faults={faults} />;
    case 'chat':
      return (
        <Suspense fallback={<Loading what="the chat" />}>
          <ChatView editor={editor} />
        </Suspense>
      );
    case 'settings':
      return <SettingsView editor={editor} fields={refusedFields(saving)} />;
    case 'versions':
      return <VersionsView editor={editor} specs={specs} />;
  }
}

function refusedFields({ refused }: Saving): ReadonlyMap<string, string> {
  return refused?.error instanceof ApiError ? refused.error.fields : new Map();
}

function CanvasView({ editor, specs, faults }: { editor: Editor; specs: NodeSpecs; faults: Faults }) {
  const [openNode, setOpenNode] = useState<string | null>(null);
  const [openEdge, setOpenEdge] = useState<string | null>(null);
  const showNode = useCallback((id: string) => setOpenNode(id), []);
  const showEdge = useCallback((id: string) => setOpenEdge(id), []);
  const shared = { editor, specs, faults };
  return (
    <>
      <div className={styles.tools}>
        <AddNode editor={editor} specs={specs} onAdded={showNode} />
        <Button
          onClick={() => editor.edit((content) => moveNodes(content, tidyPositions(content.definition)))}
        >
          Tidy up
        </Button>
      </div>
      <div className={styles.canvas}>
        <Suspense fallback={<Loading what="the canvas" />}>
          <Canvas
            {...shared}
            productionUrl={editor.base.trigger_urls?.production ?? null}
            onOpenNode={showNode}
            onOpenEdge={showEdge}
          />
        </Suspense>
      </div>
      <p className={styles.hint}>
        Drag from a dot below a node to one above another to connect them. Delete removes what is selected.
        The outline does the same without a mouse.
      </p>
      {openNode !== null && <NodeDialog {...shared} id={openNode} onClose={() => setOpenNode(null)} />}
      {openEdge !== null && <EdgeDialog {...shared} id={openEdge} onClose={() => setOpenEdge(null)} />}
    </>
  );
}
