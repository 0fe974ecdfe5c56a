// numpy's .npy files (numpy.org, "format"), version 1.0, in C order.
#ifndef JOULESPAN_TENSORS_NPY_H_
#define JOULESPAN_TENSORS_NPY_H_

#include <string>
#include <vector>

#include "tensors/tensor_spec.h"

namespace joulespan {

// The array in `path`, which must be as `spec`; a leading dimension of 1 may be missing. Throws BackendError.
std::vector<char> ReadNpy(const std::string& path, const TensorSpec& spec);

// Throws BackendError.
void WriteNpy(const std::string& path, const TensorSpec& spec, const void* data);

}  // namespace joulespan

#endif  // JOULESPAN_TENSORS_NPY_H_
