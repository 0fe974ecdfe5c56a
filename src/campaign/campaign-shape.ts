import { ARRIVAL, nameText, RECIPE_SHAPE } from '../recipe/recipe-shape.ts'
import {
  choice,
  defaulted,
  dictionary,
  integer,
  list,
  mapping,
  optional,
  quantity,
  required,
  scalar,
  text,
  type ValueOf,
} from '../recipe/shape.ts'

/** Everything that may stand in a campaign file. */
export type CampaignDocument = ValueOf<typeof CAMPAIGN_SHAPE>
export type PointDocument = CampaignDocument['points'][number]
export type FilterDocument = CampaignDocument['exclude'][number]

const VALUES_MAX = 1000
const MODEL = nameText('resnet50')
const DEPTH = integer('a number of devices', 1, 16)
const PARTITION = text('replicas x depth, joined by "+"', '^([1-9]\\d?x)?[1-9]\\d?(\\+([1-9]\\d?x)?[1-9]\\d?)*$', '2x4')
const SEGMENT_BY = choice(['params', 'time'])
const RATE = quantity('rate', '/s', ['0.000001 /s', '100000 /s'], '40 /s')
const REQUESTS = integer('a number of requests', 1, 1024)
const SAMPLING = choice(['fast', 'balanced', 'accurate'])
const LABELS = dictionary('labels', 'name of a label', scalar('a text or a number', 'pruned'))
const SETTINGS_ABOUT = 'keys of the recipe by their path, as with `--set`'

const MODELS = list(
  'model',
  mapping('a model', {
    name: required(MODEL, 'as axes, points and results call it'),
    spec: optional(
      text('the path of a model spec', '^\\S+\\.json$', 'data/models/resnet50.json'),
      'its layers (docs/model-spec.md)',
      'the model of that name in the recipe',
    ),
    labels: defaulted(LABELS, '{}', 'what tells it from others, such as compression and its parameters'),
  }),
  0,
  VALUES_MAX,
)

const AXES = mapping('the axes', {
  model: optional(list('model', MODEL, 1, VALUES_MAX), 'names of models', 'all of `models`, or those of the recipe'),
  depth: optional(list('depth', DEPTH, 1, 16), 'devices of one pipeline', 'the segments of the model'),
  partition: optional(
    list('partition', PARTITION, 1, VALUES_MAX),
    'replicas x depth of pipelines side by side; in the place of `depth`',
    'one pipeline',
  ),
  segment_by: optional(list('rule', SEGMENT_BY, 1, 2), 'where a spec is cut', '`params`'),
  arrival: optional(list('arrival law', ARRIVAL, 1, VALUES_MAX), 'as in a recipe, for each task', 'as in the recipe'),
  rate: optional(
    list('rate', RATE, 1, VALUES_MAX),
    'arrivals at random, replicas share them; in the place of `arrival`',
    'as in the recipe',
  ),
  requests: optional(
    list('batch', REQUESTS, 1, VALUES_MAX),
    'requests under way at once: clients that ask again at once, for each replica; in the place of `arrival`',
    'as in the recipe',
  ),
  sampling: optional(list('mode', SAMPLING, 1, 3), 'of the sensor board', 'as in the recipe'),
  set: defaulted(
    dictionary('settings', 'path', list('value', scalar('a value as in a recipe', '8 ms'), 1, VALUES_MAX)),
    '{}',
    `${SETTINGS_ABOUT}, each with the values it takes`,
  ),
})

const POINT = mapping('a point', {
  model: optional(MODEL, 'name of a model', 'the tasks of the recipe'),
  depth: optional(DEPTH, 'devices of one pipeline', 'the segments of the model'),
  partition: optional(PARTITION, 'replicas x depth', 'one pipeline'),
  segment_by: optional(SEGMENT_BY, 'where the spec is cut', '`params`'),
  arrival: optional(ARRIVAL, 'as in a recipe', 'as in the recipe'),
  rate: optional(RATE, 'arrivals at random', 'as in the recipe'),
  requests: optional(REQUESTS, 'requests under way at once', 'as in the recipe'),
  sampling: optional(SAMPLING, 'of the sensor board', 'as in the recipe'),
  set: defaulted(dictionary('settings', 'path', scalar('a value as in a recipe', '8 ms')), '{}', SETTINGS_ABOUT),
})

const FILTER = mapping('a filter', {
  model: optional(list('model', MODEL, 1, VALUES_MAX), 'any of these', 'any'),
  depth: optional(list('depth', DEPTH, 1, 16), 'any of these', 'any'),
  partition: optional(list('partition', PARTITION, 1, VALUES_MAX), 'any of these', 'any'),
  segment_by: optional(list('rule', SEGMENT_BY, 1, 2), 'any of these', 'any'),
  rate: optional(list('rate', RATE, 1, VALUES_MAX), 'any of these', 'any'),
  requests: optional(list('batch', REQUESTS, 1, VALUES_MAX), 'any of these', 'any'),
  sampling: optional(list('mode', SAMPLING, 1, 3), 'any of these', 'any'),
})

const TIME = ['1 ms', '24 h'] as const
const COUNT = [1, 1e9] as const

function windowFields(least: string, inferences: string, longest: string) {
  return {
    duration: defaulted(quantity('time', 's', TIME, '10 s'), least, 'at least so long'),
    inferences: defaulted(integer('a number of inferences', ...COUNT), inferences, 'at least so many, as foreseen'),
    samples: defaulted(integer('a number of samples', ...COUNT), '1000', 'at least so many, per channel'),
    longest: defaulted(quantity('time', 's', TIME, '10 min'), longest, 'never longer than this'),
  }
}

export const CAMPAIGN_SHAPE = mapping('a campaign', {
  version: required(integer('a version', 1, 1), 'of this format'),
  name: required(
    text('a name of lower-case words and digits joined by "-"', '^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$', 'depth-sweep'),
    'of its folder',
  ),
  about: defaulted(text('a text', '^[\\s\\S]*$', 'two models on one to eight TPUs'), '""', 'what it is for'),
  recipe: optional(
    text('the path of a recipe', '^\\S+\\.ya?ml$', '../one-tpu.yaml'),
    'what every trial starts from; from the folder of this file, or the working folder',
    'none, with `base`',
  ),
  base: optional(RECIPE_SHAPE, 'the same, written here (docs/recipes.md)', 'none, with `recipe`'),
  mode: optional(
    choice(['offline', 'live']),
    'offline: the virtual testbed in simulated time; live: in real time',
    'offline where board and card are virtual',
  ),
  models: defaulted(MODELS, '[]', 'networks that are not in the recipe, and labels for those that are'),
  axes: defaulted(AXES, '{}', 'every combination of their values is a trial'),
  only: defaulted(list('filter', FILTER, 0, VALUES_MAX), '[]', 'combinations that match none of these are left out'),
  exclude: defaulted(list('filter', FILTER, 0, VALUES_MAX), '[]', 'combinations that match one of these are left out'),
  points: defaulted(list('point', POINT, 0, VALUES_MAX), '[]', 'trials beside those of the axes; filters spare them'),
  reference: optional(MODEL, 'the model that others are held against in realisation efficiency', 'none'),
  passes: defaulted(integer('a number of passes', 1, 1000), '5', 'every trial is measured once in each'),
  order: defaulted(choice(['random', 'fixed']), 'random', 'of the trials in a pass; random by `seed`'),
  seed: defaulted(integer('a seed', 0, 2 ** 32 - 1), '1', 'of the order, and of everything virtual'),
  boards: defaulted(
    choice(['fresh', 'same']),
    'fresh',
    'virtual boards: one for each trial, the same in all its passes, or one for the whole campaign',
  ),
  warmup: defaulted(
    integer('a number of inferences', 0, 10_000),
    '30',
    'of each task before the window; on the virtual card only',
  ),
  window: defaulted(mapping('the measured window', windowFields('10 s', '1000', '10 min')), '{}', 'what is measured'),
  quick: defaulted(
    mapping('the short form', {
      ...windowFields('1.5 s', '30', '4 s'),
      passes: defaulted(integer('a number of passes', 1, 1000), '2', 'in the place of `passes`'),
    }),
    '{}',
    'what `--quick` takes for window and passes',
  ),
})
