// An output line that the runner toggles and a sensor board reads.
#ifndef JOULESPAN_MARKER_MARKER_LINE_H_
#define JOULESPAN_MARKER_MARKER_LINE_H_

namespace joulespan {

class MarkerLine {
 public:
  virtual ~MarkerLine() = default;
  // Between two clock reads: does what it must and nothing else. Throws when the line is gone.
  virtual void Set(bool level) = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_MARKER_MARKER_LINE_H_
