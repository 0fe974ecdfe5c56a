declare const unit: unique symbol

/** A number that knows its unit: assigning seconds where nanoseconds belong does not compile. */
export type Brand<Unit extends string> = number & { readonly [unit]: Unit }
