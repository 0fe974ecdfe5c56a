// The networks of data/models, with their published totals.
import { densenet121 } from './densenet.ts'
import { efficientnetEdgetpuM, efficientnetEdgetpuS } from './efficientnet-edgetpu.ts'
import { googlenet, inceptionV3, inceptionV4 } from './inception.ts'
import { mobilenetV1, mobilenetV2, ssdMobilenetV2 } from './mobilenet.ts'
import type { NetworkBuilder } from './network-builder.ts'
import { resnet50V1, resnet152V2 } from './resnet.ts'
import { squeezenet } from './squeezenet.ts'
import { vgg16, vgg19 } from './vgg.ts'

export interface PublishedNetwork {
  readonly name: string
  readonly build: () => NetworkBuilder
  readonly about: string
  /** Multiply-accumulates as published, rounded as there. */
  readonly macs?: number
  /** What the rounding and the counting of the source leave open, relative. */
  readonly macsWithin?: number
  readonly parameters?: number
  /** Parameters of a batch normalisation for each channel, as the source counts. */
  readonly perNormChannel: 2 | 3 | 4
  readonly source: string
}

const KERAS = 'parameters: Keras Applications'

export const NETWORKS: readonly PublishedNetwork[] = [
  {
    name: 'mobilenet-v1',
    build: mobilenetV1,
    about: 'MobileNet v1 1.0, 224 x 224 (arXiv 1704.04861)',
    macs: 569e6,
    macsWithin: 0.005,
    parameters: 4_253_864,
    perNormChannel: 4,
    source: `multiply-accumulates: paper, table 8; ${KERAS}`,
  },
  {
    name: 'mobilenet-v2',
    build: mobilenetV2,
    about: 'MobileNet v2 1.0, 224 x 224 (arXiv 1801.04381)',
    macs: 300e6,
    macsWithin: 0.005,
    parameters: 3_538_984,
    perNormChannel: 4,
    source: `multiply-accumulates: paper, table 4; ${KERAS}`,
  },
  {
    name: 'resnet50',
    build: resnet50V1,
    about: 'ResNet-50 v1, 224 x 224 (arXiv 1512.03385)',
    macs: 3.8e9,
    macsWithin: 0.02,
    parameters: 25_636_712,
    perNormChannel: 4,
    source: `multiply-accumulates: paper, table 1; ${KERAS}`,
  },
  {
    name: 'resnet152-v2',
    build: resnet152V2,
    about: 'ResNet-152 v2, 224 x 224 (arXiv 1603.05027)',
    macs: 11.3e9,
    macsWithin: 0.04,
    parameters: 60_380_648,
    perNormChannel: 4,
    source: `multiply-accumulates: arXiv 1512.03385, table 1, of v1, which strides earlier or later; ${KERAS}`,
  },
  {
    name: 'inception-v3',
    build: inceptionV3,
    about: 'Inception v3, 299 x 299 (arXiv 1512.00567)',
    macs: 5.72e9,
    macsWithin: 0.005,
    parameters: 23_851_784,
    perNormChannel: 3,
    source: `multiply-accumulates: arXiv 1707.07012, table 2; ${KERAS}`,
  },
  {
    name: 'inception-v4',
    build: inceptionV4,
    about: 'Inception v4, 299 x 299 (arXiv 1602.07261), 1001 classes',
    macs: 12.3e9,
    macsWithin: 0.01,
    parameters: 42.7e6,
    perNormChannel: 2,
    source: 'model card of timm inception_v4: 42.7 M parameters, 12.3 GMAC',
  },
  {
    name: 'vgg16',
    build: vgg16,
    about: 'VGG16, 224 x 224 (arXiv 1409.1556)',
    macs: 15.3e9,
    macsWithin: 0.015,
    parameters: 138_357_544,
    perNormChannel: 2,
    source: `multiply-accumulates: arXiv 1512.03385, section 4.1; ${KERAS}`,
  },
  {
    name: 'vgg19',
    build: vgg19,
    about: 'VGG19, 224 x 224 (arXiv 1409.1556)',
    macs: 19.6e9,
    macsWithin: 0.005,
    parameters: 143_667_240,
    perNormChannel: 2,
    source: `multiply-accumulates: arXiv 1512.03385, section 4.1; ${KERAS}`,
  },
  {
    name: 'densenet121',
    build: densenet121,
    about: 'DenseNet-121, 224 x 224 (arXiv 1608.06993)',
    macs: 2.9e9,
    macsWithin: 0.03,
    parameters: 8_062_504,
    perNormChannel: 4,
    source: `multiply-accumulates: model card of timm densenet121; ${KERAS}`,
  },
  {
    name: 'efficientnet-edgetpu-s',
    build: efficientnetEdgetpuS,
    about: 'EfficientNet-EdgeTPU S, 224 x 224 (arXiv 2003.02838)',
    macs: 1.8e9,
    macsWithin: 0.03,
    parameters: 5.44e6,
    perNormChannel: 2,
    source: 'model card of timm efficientnet_es: 5.4 M parameters, 1.8 GMAC',
  },
  {
    name: 'efficientnet-edgetpu-m',
    build: efficientnetEdgetpuM,
    about: 'EfficientNet-EdgeTPU M, 240 x 240 (arXiv 2003.02838)',
    macs: 3.0e9,
    macsWithin: 0.03,
    parameters: 6.9e6,
    perNormChannel: 2,
    source: 'model card of timm efficientnet_em: 6.9 M parameters, 3.0 GMAC',
  },
  {
    name: 'ssd-mobilenet-v2',
    build: ssdMobilenetV2,
    about:
      'SSD MobileNet v2, 300 x 300, heads of 1 x 1 and 91 classes: the variant of which compiled files keep 6,703,232 B. No total is published',
    perNormChannel: 4,
    source: 'none',
  },
  {
    name: 'googlenet',
    build: googlenet,
    about: 'GoogLeNet (Inception v1), 224 x 224, without auxiliary classifiers (arXiv 1409.4842)',
    macs: 1.5e9,
    macsWithin: 0.06,
    parameters: 6_998_552,
    perNormChannel: 2,
    source:
      'multiply-accumulates: paper, section 1 (1.5 billion); parameters: Caffe bvlc_googlenet without auxiliary classifiers',
  },
  {
    name: 'squeezenet',
    build: squeezenet,
    about: 'SqueezeNet 1.0, 227 x 227 (arXiv 1602.07360)',
    macs: 0.86e9,
    macsWithin: 0.04,
    parameters: 1_248_424,
    perNormChannel: 2,
    source: "authors' repository: 1.72 GFLOP, 1,248,424 parameters",
  },
]
