#include "sockets/endpoint.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace joulespan {
namespace {

bool SomebodyListens(const std::string& socket_path);

}  // namespace

std::string BindEndpoint(zmq::socket_t* socket, const std::string& endpoint) {
  // libzmq unlinks the path of an ipc endpoint before it binds, so it would take it away from a living process.
  const std::string ipc = "ipc://";
  if (endpoint.rfind(ipc, 0) == 0 && SomebodyListens(endpoint.substr(ipc.size()))) {
    throw EndpointBusyError(endpoint + " is in use by another process: end it or name another endpoint");
  }
  try {
    socket->bind(endpoint);
  } catch (const zmq::error_t& error) {
    if (error.num() == EADDRINUSE) {
      throw EndpointBusyError(endpoint + " is in use by another process: end it or name another endpoint");
    }
    throw EndpointError("cannot bind " + endpoint + ": " + error.what());
  }
  return socket->get(zmq::sockopt::last_endpoint);
}

namespace {

bool SomebodyListens(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool is_connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return is_connected;
}

}  // namespace
}  // namespace joulespan
