# shellcheck shell=bash
# All that differs between the distributions, for the other provisioners to source. BAKE_DIR and SYSTEM_BASE are set
# by the template.
set -o errexit -o nounset -o pipefail

: "${BAKE_DIR:?is where the contents of the image were put}"
: "${SYSTEM_BASE:?is al2023 or debian12}"

# One sentence under the name of the script that failed.
fail() {
  echo "$(basename "$0"): $1" >&2
  exit 1
}

if ((EUID != 0)); then fail 'needs root'; fi

# What of ours starts at boot; the analytics process is started by the agent alone.
OUR_UNITS=(amazon-ssm-agent.service gateway-access-setup.service gateway-access.timer gateway-agent.service
  gateway-first-boot.timer gateway-memory.service gateway-packet-filter.service gateway-signal.service)
if [[ ${LOG_SHIPPER:-none} == cloudwatch ]]; then OUR_UNITS+=(amazon-cloudwatch-agent.service); fi

case $SYSTEM_BASE in
  al2023)
    # What the units and client access rest on; most of it is there already.
    PACKAGES=(polkit nftables openssh-server ca-certificates tar gzip)
    # A way in beside our own.
    UNWANTED_PACKAGES=(ec2-instance-connect)
    CACHES=(/var/cache/dnf /var/log/dnf*.log /var/log/dnf*.log.* /var/log/hawkey.log)
    SSH_UNIT=sshd.service
    # What Amazon's image starts at boot, as patterns; seen on no machine by the tests.
    BOOT_UNITS=('cloud-*' 'getty@*' 'serial-getty@*' 'dbus-broker*' 'policy-routes@*' 'refresh-policy-routes@*'
      'selinux-autorelabel*' 'sysstat*' 'update-motd*' 'systemd-homed*' 'systemd-networkd*' 'systemd-resolved*'
      'systemd-userdbd*' systemd-boot-update.service systemd-network-generator.service systemd-oomd.service
      systemd-oomd.socket systemd-pstore.service acpid.service atd.service auditd.service chronyd.service dbus.socket
      dnf-makecache.timer fstrim.timer gssproxy.service hibinit-agent.service import-state.service irqbalance.service
      libstoragemgmt.service logrotate.timer nfs-convert.service nis-domainname.service rngd.service)
    is_installed() { rpm --query --quiet "$1"; }
    install_packages() { dnf install --assumeyes --quiet "$@"; }
    remove_packages() { dnf remove --assumeyes --quiet "$@"; }
    install_package_file() { dnf install --assumeyes --quiet "$1"; }
    # In the distribution's own, signed repository.
    install_ssm_agent() { install_packages amazon-ssm-agent; }
    install_cloudwatch_agent() { install_packages amazon-cloudwatch-agent; }
    # name, version, package URL
    list_packages() {
      rpm --query --all --queryformat '%{NAME}\t%{VERSION}-%{RELEASE}\tpkg:rpm/amzn/%{NAME}@%{VERSION}-%{RELEASE}\n'
    }
    ;;
  debian12)
    PACKAGES=(polkitd nftables openssh-server ca-certificates dbus sudo)
    UNWANTED_PACKAGES=(ec2-instance-connect)
    CACHES=(/var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/log/apt /var/log/dpkg.log
      /var/log/alternatives.log)
    SSH_UNIT=ssh.service
    # What Debian's image for EC2 starts at boot, or the base system's packages, as patterns.
    BOOT_UNITS=('cloud-*' 'getty@*' 'serial-getty@*' 'apt-daily*.timer' 'e2scrub_*' 'ifup@*' 'systemd-networkd*'
      'systemd-resolved*' systemd-network-generator.service systemd-pstore.service systemd-timesyncd.service
      apparmor.service chrony.service console-setup.service cron.service dbus.socket dpkg-db-backup.timer
      exim4-base.timer fstrim.timer grub-common.service keyboard-setup.service logrotate.timer man-db.timer
      networking.service rsyslog.service unattended-upgrades.service)
    is_installed() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
    install_packages() {
      apt-get update --quiet=2
      DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "$@"
    }
    remove_packages() { DEBIAN_FRONTEND=noninteractive apt-get purge --yes --quiet=2 "$@"; }
    install_package_file() { DEBIAN_FRONTEND=noninteractive dpkg --install "$1"; }
    install_ssm_agent() { fail 'Debian has no package of the SSM agent: give one as SSM_AGENT_FROM'; }
    install_cloudwatch_agent() { fail 'Debian has no package of the CloudWatch agent: give one as CLOUDWATCH_AGENT_FROM'; }
    list_packages() {
      dpkg-query --show \
        --showformat='${source:Package}\t${Version}\tpkg:deb/debian/${Package}@${Version}?arch=${Architecture}\n'
    }
    ;;
  *) fail "SYSTEM_BASE is al2023 or debian12, not \"$SYSTEM_BASE\"" ;;
esac

# Those of a base image that is not the distribution's own.
IFS=, read -ra given <<<"${GIVEN_BOOT_UNITS:-}"
BOOT_UNITS+=("${given[@]}")

export PACKAGES UNWANTED_PACKAGES CACHES SSH_UNIT BOOT_UNITS OUR_UNITS
