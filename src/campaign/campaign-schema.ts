import { schemaOf } from '../recipe/json-schema.ts'
import { sectionsOf, withKeys } from '../recipe/reference.ts'
import { CAMPAIGN_SHAPE } from './campaign-shape.ts'

/** pipelines/campaigns/campaign.schema.json as it is kept. */
export function campaignSchemaText(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'joulespan campaign',
    description: 'Generated from src/campaign/campaign-shape.ts; docs/bench.md explains it.',
    ...schemaOf(CAMPAIGN_SHAPE),
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

/** docs/bench.md with its list of keys made anew; `base` is a recipe, which has a page of its own. */
export function withCampaignReference(markdown: string): string {
  const { base, ...fields } = CAMPAIGN_SHAPE.fields
  const shape = { ...CAMPAIGN_SHAPE, fields: { ...fields, base: { ...base, shape: NAMED_ELSEWHERE } } }
  return withKeys(
    markdown,
    'docs/bench.md',
    'campaign/campaign-shape.ts',
    sectionsOf('', shape, 'The campaign').join('\n'),
  )
}

const NAMED_ELSEWHERE = {
  type: 'text',
  noun: 'a recipe as a mapping',
  pattern: '',
  example: 'docs/recipes.md',
} as const
