#ifndef JOULESPAN_SOCKETS_ENDPOINT_H_
#define JOULESPAN_SOCKETS_ENDPOINT_H_

#include <stdexcept>
#include <string>
#include <zmq.hpp>

namespace joulespan {

// Somebody else is bound there.
class EndpointBusyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Not an endpoint that can be bound at all.
class EndpointError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Answers the endpoint as bound: with the port chosen, where tcp asked for any.
std::string BindEndpoint(zmq::socket_t* socket, const std::string& endpoint);

}  // namespace joulespan

#endif  // JOULESPAN_SOCKETS_ENDPOINT_H_
