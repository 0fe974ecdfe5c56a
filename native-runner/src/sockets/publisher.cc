#include "sockets/publisher.h"

#include <algorithm>

namespace joulespan {
namespace {

constexpr int64_t kTickNs = kNsPerMs;

void SendOn(zmq::socket_t* socket, std::string_view bytes);

}  // namespace

Publisher::Publisher(uint64_t source_id, std::string dictionary, PublisherPorts ports, LaneCollector collector,
                     std::function<void(const std::string&)> report, std::function<void()> on_log_failure,
                     ToldClock told)
    : ports_(std::move(ports)),
      collector_(std::move(collector)),
      events_(source_id, std::move(dictionary),
              [this](std::string_view bytes, const MessageHeader& header) {
                // The log first: what a subscriber has seen can always be asked for again.
                ports_.log->Append(bytes, header);
                SendOn(&ports_.events, bytes);
              },
              told),
      powers_(source_id,
              [this](std::string_view bytes, const MessageHeader& header) {
                // A heartbeat a millisecond would be most of a log that is read after the run.
                if (ports_.power_log != nullptr && header.message != JS_MESSAGE_HEARTBEAT) {
                  ports_.power_log->Append(bytes);
                }
                if (ports_.powers) SendOn(&*ports_.powers, bytes);
              }),
      has_powers_(ports_.powers || ports_.power_log != nullptr),
      report_(std::move(report)),
      on_log_failure_(std::move(on_log_failure)) {}

Publisher::~Publisher() {
  if (thread_.joinable()) Finish();
}

void Publisher::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Publisher::Finish() {
  is_finishing_.store(true, std::memory_order_release);
  thread_.join();
}

void Publisher::Run() {
  UseFinestTimerSlack();
  int64_t tick_ns = NowNs();
  while (!is_finishing_.load(std::memory_order_acquire)) {
    Tick(collector_.Collect(), NowNs());
    // A tick that took too long is not made up for: the next batch is larger.
    tick_ns = std::max(tick_ns + kTickNs, NowNs());
    SleepUntilNs(tick_ns);
  }
  const CollectedBatch& last = collector_.CollectLast();
  Tick(last, NowNs());
  events_.End(NowNs());
  if (has_powers_) powers_.End(last.watermark_ns);
  ports_.log->Sync();
  if (ports_.power_log != nullptr) ports_.power_log->Sync();
  ReportTrouble();
}

void Publisher::Tick(const CollectedBatch& batch, int64_t now_ns) {
  const bool is_dictionary_due = events_.IsDictionaryDue(now_ns);
  if (DrainSubscriptions(&ports_.events)) events_.SendDictionary(now_ns);
  events_.Publish(now_ns, batch.events, batch.watermark_ns);
  if (has_powers_) {
    powers_.Publish(batch.powers, batch.watermark_ns);
    if (batch.powers.empty() && ports_.powers) powers_.Heartbeat(batch.watermark_ns);
    const bool has_joined = ports_.powers && DrainSubscriptions(&*ports_.powers);
    if (has_joined || is_dictionary_due) powers_.RepeatIdleLevels();
  }
  ReportTrouble();
}

// True when somebody subscribed. XPUB hands over "1" or "0" and the topic for every subscription and its end.
bool Publisher::DrainSubscriptions(zmq::socket_t* socket) {
  bool has_joined = false;
  zmq::message_t message;
  while (socket->recv(message, zmq::recv_flags::dontwait)) {
    has_joined = has_joined || (message.size() > 0 && *message.data<char>() == 1);
  }
  return has_joined;
}

void Publisher::ReportTrouble() {
  if (!is_drop_reported_ && collector_.EventsDropped() + collector_.PowersDropped() > 0) {
    is_drop_reported_ = true;
    report_("events are being lost: a ring of the runner is full, the publisher is kept waiting; this run will fail");
  }
  if (!is_log_failure_reported_ && !ports_.log->failure().empty()) {
    is_log_failure_reported_ = true;
    report_("event log: " + ports_.log->failure());
    on_log_failure_();
  }
  if (ports_.power_log != nullptr && !is_power_log_failure_reported_ && !ports_.power_log->failure().empty()) {
    is_power_log_failure_reported_ = true;
    report_("power log: " + ports_.power_log->failure());
    on_log_failure_();
  }
}

namespace {

// Never waits: beyond its high-water mark XPUB drops a subscriber's messages (ZMQ_XPUB_NODROP is off).
void SendOn(zmq::socket_t* socket, std::string_view bytes) {
  socket->send(zmq::buffer(bytes.data(), bytes.size()), zmq::send_flags::dontwait);
}

}  // namespace
}  // namespace joulespan
