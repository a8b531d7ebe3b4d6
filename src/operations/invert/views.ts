import type { ViewOperation } from '../views.ts'
import type { Inverters } from './inverters.ts'
import { recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const viewInverters: Inverters<ViewOperation> = {
  createMaterializedView: ({ kind: _kind, view, ...definition }) => ({
    kind: 'dropMaterializedView',
    view,
    was: definition,
  }),
  createView: (operation) => {
    const { kind, view, replace, was: _was, ...definition } = operation
    if (!replace) return { kind: 'dropView', view, was: definition }
    return {
      kind,
      view,
      ...recorded(operation, 'the view that it replaces'),
      // The older view may have fewer columns, which replacing in place refuses.
      replace: 'recreate',
      was: definition,
    }
  },
  dropMaterializedView: (operation) =>
    recreated(operation, 'the definition of the view', (definition) => ({
      kind: 'createMaterializedView',
      view: operation.view,
      ...definition,
    })),
  dropView: (operation) =>
    recreated(operation, 'the definition of the view', (definition) => ({
      kind: 'createView',
      view: operation.view,
      ...definition,
    })),
  // The rows follow from those of the tables: there is nothing to take back.
  refreshMaterializedView: () => undefined,
  renameMaterializedView: ({ kind, view, to }) => ({
    kind,
    view: { ...view, name: to },
    to: view.name,
  }),
  renameView: ({ kind, view, to }) => ({ kind, view: { ...view, name: to }, to: view.name }),
}
