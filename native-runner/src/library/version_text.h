#ifndef JOULESPAN_LIBRARY_VERSION_TEXT_H_
#define JOULESPAN_LIBRARY_VERSION_TEXT_H_

#include <cctype>
#include <string>

namespace joulespan {

// "2.16" begins "2.16.1" and "2.16", not "2.160".
inline bool BeginsWithVersion(const std::string& version, const std::string& expected) {
  if (version.compare(0, expected.size(), expected) != 0) return false;
  return version.size() == expected.size() || !std::isdigit(static_cast<unsigned char>(version[expected.size()]));
}

}  // namespace joulespan

#endif  // JOULESPAN_LIBRARY_VERSION_TEXT_H_
