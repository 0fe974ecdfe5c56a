import type { PublishedNetwork } from './published.ts'
import { resnet50V1 } from './resnet.ts'

/** Every filter count of ResNet-50 times `width`, rounded to 8: what pruning of whole channels leaves. */
function narrowed(width: number): PublishedNetwork {
  return {
    name: `resnet50-w${String(100 * width).padStart(3, '0')}`,
    build: () => resnet50V1(224, width),
    about: `ResNet-50 with ${100 * width} % of the filters of each layer, to multiples of 8: a shape to time, not a trained network`,
    perNormChannel: 4,
    source: 'none',
  }
}

/** In data/models/scaled: compressed shapes for campaigns. */
export const SCALED: readonly PublishedNetwork[] = [narrowed(0.75), narrowed(0.5), narrowed(0.25)]
